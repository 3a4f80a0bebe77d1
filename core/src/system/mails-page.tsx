import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { Empty, Moment, Page, PostButton, Stack, Table, Views, withQuery } from '../ui/index.ts'
import { PagerStep } from '../ui/pager.tsx'
import { failureWords } from './mail-error.ts'
import { type ListedMail, type MailState, mailCounts, mailStates, mailsFor } from './mail-list.ts'
import { MailStanding, RetryMail } from './mail-standing.tsx'

const pageSize = 50

/** The mails: what failed, what waits, what was sent. Never their texts. */
export const mailsPage: View = {
  path: '/admin/mails',
  access: 'mail.view',
  async get() {
    const { db, query, actor } = currentScope()
    const state = mailStates.find(name => name === query.get('state'))
    const about = aboutOf(query)
    const [counts, { rows, more }] = await Promise.all([
      mailCounts(db),
      mailsFor(db, { state, about, before: numberOf(query.get('before')) }, pageSize),
    ])
    const next = more ? withQuery(query, { before: rows.at(-1)?.id }) : undefined
    return (
      <Page
        title={t('Mails')}
        actions={
          counts.failed > 0 &&
          mayEverywhere(actor, 'mail.send') && (
            <PostButton action={url('system:retry_mails')} icon="refresh">
              {t('Try all again')}
            </PostButton>
          )
        }
      >
        <Stack>
          <Tabs state={state} counts={counts} />
          <section class="card">
            <MailTable rows={rows} state={state} />
          </section>
          {(next !== undefined || query.has('before')) && (
            <nav class="pager" aria-label={t('Pages')}>
              <span class="push" />
              <PagerStep label={t('Newest')} href={query.has('before') ? withQuery(query, { before: undefined }) : undefined} />
              <PagerStep label={t('Next')} href={next} />
            </nav>
          )}
        </Stack>
      </Page>
    )
  },
}

const numberOf = (text: string | null): number | undefined => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined)

function aboutOf(query: URLSearchParams) {
  const [kind, id] = [query.get('kind'), numberOf(query.get('id'))]
  return kind !== null && id !== undefined ? { kind, id } : undefined
}

const Tabs = ({ state, counts }: { state: MailState | undefined; counts: Awaited<ReturnType<typeof mailCounts>> }) => {
  const tab = (label: string, of: MailState | undefined, count?: number) => ({
    label,
    href: url('system:mails', of ? { state: of } : {}),
    count,
    current: state === of,
  })
  return (
    <Views
      label={t('States')}
      items={[
        tab(t('All'), undefined),
        tab(t('Failed'), 'failed', counts.failed),
        tab(t('Waiting'), 'waiting', counts.waiting),
        tab(t('Sent'), 'sent'),
      ]}
    />
  )
}

const MailTable = ({ rows, state }: { rows: readonly ListedMail[]; state: MailState | undefined }) => (
  <Table<ListedMail>
    top
    caption={t('Mails, the newest first')}
    rows={rows}
    rowHref={({ id }) => url('system:mail', { id })}
    empty={<Empty title={state === 'failed' ? t('Every mail could be sent') : t('No mail yet')} icon="mail" />}
    columns={[
      {
        key: 'subject',
        label: t('Subject'),
        render: ({ subject }) => <span class="text-break">{subject}</span>,
        sub: mail => (
          <>
            <span class="text-break">{mail.recipient}</span>
            {mail.attachments > 0 && ` · ${t('{{count}} attachments', { count: mail.attachments })}`}
            {mail.encrypted && ` · ${t('encrypted')}`}
          </>
        ),
      },
      {
        key: 'state',
        label: t('State'),
        render: mail => (
          <>
            <MailStanding mail={mail} />
            {mail.error !== null && <span class="sub fail-text text-break">{failureWords(mail.error)}</span>}
          </>
        ),
      },
      {
        key: 'written',
        label: t('Written'),
        wide: true,
        render: ({ createdAt }) => <Moment at={createdAt} />,
        sub: ({ attempts }) => (attempts > 0 ? t('{{count}} attempts', { count: attempts }) : undefined),
      },
      { key: 'do', label: t('Try again'), unlabelled: true, align: 'end', render: mail => <RetryMail mail={mail} small /> },
    ]}
  />
)
