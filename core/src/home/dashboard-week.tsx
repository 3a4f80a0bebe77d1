import { t } from '../app/i18n.ts'
import { Card, Empty, formatDate, State, sitePath, Table } from '../ui/index.ts'
import { CardLink } from './card-link.tsx'
import type { Coming } from './today-queries.ts'

/** What starts and ends in the days to come. */
export const Week = ({ coming: rows }: { coming: readonly Coming[] }) => (
  <Card
    title={t('This week')}
    body={false}
    actions={<CardLink path="/admin/subscriptions?view=future">{t('All that start later')}</CardLink>}
  >
    <Table<Coming>
      caption={t('This week')}
      rows={rows}
      rowHref={({ id }) => sitePath(`/admin/subscriptions/${id}`)}
      empty={<Empty title={t('Nothing starts or ends this week')} icon="calendar" />}
      columns={[
        { key: 'member', label: t('Member'), render: ({ member }) => member, sub: ({ offer }) => offer },
        { key: 'date', label: t('When'), wide: true, render: ({ date }) => formatDate(date, 'table') },
        {
          key: 'what',
          label: t('What'),
          align: 'end',
          render: ({ what }) =>
            what === 'start' ? (
              <State tone="wait">{t('Starts')}</State>
            ) : (
              <State tone="none" icon="door-exit">
                {t('Ends')}
              </State>
            ),
        },
      ]}
    />
  </Card>
)
