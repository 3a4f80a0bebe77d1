import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { ButtonLink, Card, Empty, Moment, Page, Stack, Table } from '../ui/index.ts'
import { ErasureState, obstacleForStaff } from './erasure-words.tsx'
import { type Erasure, erasures } from './erasures.ts'
import { RegisterTable } from './register-table.tsx'

/** Who asked to be forgotten: what waits for somebody comes first. */
export const erasureList: View = {
  path: '/admin/erasures',
  access: 'personal.erase',
  get: async () => <ListPage rows={await erasures(currentScope().db)} />,
}

const ListPage = ({ rows }: { rows: readonly Erasure[] }) => (
  <Page
    title={t('Requests for erasure')}
    actions={<ButtonLink href={url('personal:register')}>{t('What is held about members')}</ButtonLink>}
  >
    <section class="card">
      <Table<Erasure>
        caption={t('Requests for erasure')}
        rows={rows}
        rowHref={({ id }) => url('personal:decide', { id })}
        empty={
          <Empty title={t('Nobody has asked for erasure')} icon="user-off">
            {t('Who wants to be forgotten asks for it on their page “My data”. You look at it here within a month.')}
          </Empty>
        }
        columns={[
          { key: 'who', label: t('Member'), render: ({ memberName }) => memberName, sub: sentence },
          { key: 'asked', label: t('Asked for'), wide: true, render: ({ askedAt }) => <Moment at={askedAt} /> },
          { key: 'state', label: t('State'), align: 'end', render: of => <ErasureState of={of} /> },
        ]}
      />
    </section>
  </Page>
)

const sentence = ({ obstacles, reason }: Erasure) => obstacles.map(obstacleForStaff).join(' ') || reason

/** The register of what is held about members (GDPR, art. 30). */
export const register: View = {
  path: '/admin/personal-data',
  access: 'personal.view',
  get: () => (
    <Page title={t('What is held about members')} crumbs={[{ label: t('Requests for erasure'), href: url('personal:erasures') }]}>
      <Stack>
        <Card title={t('Register of personal data')} body={false}>
          <RegisterTable withTables />
        </Card>
        <p class="quiet">{t('Each app says what it holds; a new one appears here by itself.')}</p>
      </Stack>
    </Page>
  ),
}
