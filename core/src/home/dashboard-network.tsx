import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { BackendSummary } from '../provisioning/overview-queries.ts'
import { stateNames } from '../provisioning/overview-queries.ts'
import { ButtonLink, Card, Empty, formatNumber, Moment, State, sitePath, Table, Todo, type TodoItem } from '../ui/index.ts'
import type { LastWork } from './today-queries.ts'

/** Each backend with its states; what is worse stands first. */
export const Network = ({ backends }: { backends: readonly BackendSummary[] }) => (
  <Card
    title={t('On the network')}
    body={false}
    actions={
      <a class="small quiet u" href={url('provisioning:overview')}>
        {t('All backends')}
      </a>
    }
  >
    <Table<BackendSummary>
      caption={t('On the network')}
      rows={backends}
      rowHref={({ backend }) => url('provisioning:backend', { backend })}
      empty={<Empty title={t('Nothing is told to the network')} icon="server" />}
      columns={[
        {
          key: 'label',
          label: t('Backend'),
          render: ({ label }) => label,
          sub: ({ label, backend }) => (label === backend ? undefined : backend),
        },
        {
          key: 'state',
          label: t('State'),
          align: 'end',
          render: ({ counts, total }) => (
            <span class="row-flex justify-content-end">
              {stateNames
                .filter(state => counts[state] > 0)
                .map(state => (
                  <span class="text-nowrap">
                    <State name={state} /> {formatNumber(counts[state])}
                  </span>
                ))}
              {total === 0 && <span class="quiet">{t('Nothing yet')}</span>}
            </span>
          ),
        },
      ]}
    />
  </Card>
)

/** What Coin does by itself: its mails and its billing runs. */
export const OwnWork = ({ work, mails, runs }: { work: LastWork; mails: boolean; runs: boolean }) => (
  <Card title={t('By itself')} body={false}>
    <Todo items={[...(mails ? [mailsLine(work)] : []), ...(runs ? [runsLine(work)] : [])]} />
  </Card>
)

const mailsLine = ({ mailsFailed, mailsWaiting, mailSentAt }: LastWork): TodoItem => ({
  tone: mailsFailed > 0 ? 'fail' : mailsWaiting > 0 ? 'wait' : 'ok',
  icon: 'mail',
  text: (
    <>
      <b>{t('Mails')}</b>
      <span class="quiet d-block small">
        {mailsFailed > 0
          ? t('{{count}} mails could not be sent.', { count: mailsFailed })
          : mailsWaiting > 0
            ? t('{{count}} mails wait.', { count: mailsWaiting })
            : t('None waits.')}{' '}
        {mailSentAt && (
          <>
            {t('The last one left')} <Moment at={mailSentAt} relative />
          </>
        )}
      </span>
    </>
  ),
  action: (
    <ButtonLink small href={url('system:mails')}>
      {t('See the mails')}
    </ButtonLink>
  ),
})

const runsLine = ({ runAt }: LastWork): TodoItem => ({
  tone: 'none',
  icon: 'player-play',
  text: (
    <>
      <b>{t('Billing runs')}</b>
      <span class="quiet d-block small">
        {runAt ? (
          <>
            {t('The last one was worked out')} <Moment at={runAt} relative />
          </>
        ) : (
          t('None yet')
        )}
      </span>
    </>
  ),
  action: (
    <ButtonLink small href={sitePath('/admin/runs')}>
      {t('See the runs')}
    </ButtonLink>
  ),
})
