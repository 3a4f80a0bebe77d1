import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { Card, Empty, formatDate, formatNumber, Note, Page, Stack, Stats, Table } from '../ui/index.ts'
import { type Debtor, debtors, everybody } from './due.ts'
import { digestOf, reminderMail } from './mail.ts'
import { type ProposedSuspension, proposedSuspensions } from './suspensions.ts'
import { SuspensionsCard } from './suspensions-card.tsx'
import { follows, memberPath, Stage, sparedWord, sums } from './words.tsx'

/** More are not shown at once: the next come when these are sent. */
const mostShown = 200

/** Who would be reminded now: what of, how, and what follows. Nothing happens by looking. */
export const previewPage: View = {
  path: '/admin/reminders',
  access: 'invoice.view',
  async get(c) {
    const { db } = currentScope()
    const [all, proposed] = [await debtors(db, everybody), await proposedSuspensions(db)]
    const changed = new Set((c.req.query('changed') ?? '').split(',').map(Number))
    return <PreviewPage all={all} proposed={proposed} changed={changed} />
  },
}

interface PreviewProps {
  readonly all: readonly Debtor[]
  readonly proposed: readonly ProposedSuspension[]
  /** Members who were to get one, until something changed. */
  readonly changed: ReadonlySet<number>
}

function PreviewPage({ all, proposed, changed }: PreviewProps) {
  const due = all.filter(({ spared }) => spared === null)
  const others = all.filter(({ spared }) => spared !== null)
  return (
    <Page
      title={t('Reminders')}
      head={
        <span class="quiet">
          {currentScope().registry.config.reminders.schedule === false
            ? t('Nobody gets one before somebody sends it here.')
            : t('Reminders go out by themselves; what is due now is shown here.')}
        </span>
      }
    >
      <Stack>
        {changed.size > 1 || (changed.size === 1 && !changed.has(0)) ? (
          <Note tone="drift" live>
            {t('What was to be sent to {{count}} members has changed meanwhile, and was not sent. Look at it again.', {
              count: changed.size,
            })}
          </Note>
        ) : null}
        <Stats
          items={[
            { label: t('To remind now'), value: formatNumber(due.length), note: sums(sumOf(due)) || t('Nothing is overdue') },
            { label: t('Late, but spared'), value: formatNumber(others.length), note: sums(sumOf(others)) },
            {
              label: t('Suspensions proposed'),
              value: formatNumber(proposed.length),
              ...(proposed.length > 0 && { note: t('They wait for a person') }),
            },
          ]}
        />
        <SuspensionsCard proposed={proposed} />
        <DueForm due={due} changed={changed} />
        {others.length > 0 && <SparedCard others={others} />}
      </Stack>
    </Page>
  )
}

function DueForm({ due, changed }: { due: readonly Debtor[]; changed: ReadonlySet<number> }) {
  if (due.length === 0)
    return (
      <section class="card">
        <Empty title={t('Nobody is to be reminded')} icon="circle-check">
          {t('Members who are late show here when the next stage of their reminders has come.')}
        </Empty>
      </section>
    )
  const sends = mayEverywhere(currentScope().actor, 'reminder.send')
  const shown = due.slice(0, mostShown)
  return (
    <form class="card" method="post" action={url('reminders:send')} aria-label={t('To remind now')}>
      <Table
        caption={t('Members, the latest first')}
        rows={shown}
        top
        rowHref={({ memberId }) => memberPath(memberId)}
        {...(sends && {
          choose: {
            name: 'shown',
            value: (debtor: Debtor) => `${debtor.memberId}:${digestOf(debtor)}`,
            label: (debtor: Debtor) => t('Remind {{name}}', { name: debtor.name }),
            chosen: ({ memberId }: Debtor) => !changed.has(memberId),
          },
        })}
        columns={[
          { key: 'name', label: t('Member'), render: ({ name }) => name, sub: debtor => <MailOf debtor={debtor} /> },
          {
            key: 'stage',
            label: t('Stage'),
            wide: true,
            render: debtor => <Stage debtor={debtor} />,
            sub: ({ last }) => (last ? t('The last one on {{date}}', { date: formatDate(last, 'table') }) : t('The first one')),
          },
          {
            key: 'amount',
            label: t('Overdue'),
            align: 'money',
            render: ({ totals }) => sums(totals),
            sub: ({ days }) => t('{{count}} days late', { count: days }),
          },
          { key: 'follows', label: t('What follows'), wide: true, render: debtor => <Follows debtor={debtor} /> },
        ]}
      />
      {due.length > mostShown && <p class="card-body quiet">{t('and {{count}} more members', { count: due.length - mostShown })}</p>}
      {sends && (
        <div class="bulk">
          <span class="strong">
            <output /> {t('chosen')}
          </span>
          <button class="btn btn-primary" type="submit">
            {t('Send these reminders')}
          </button>
          <span class="push small quiet wide">{t('Exactly what is shown here goes out. Whoever pays meanwhile gets none.')}</span>
        </div>
      )}
    </form>
  )
}

/** The mail as it will be sent, behind its subject. */
function MailOf({ debtor }: { debtor: Debtor }) {
  const { subject, text, language } = reminderMail(debtor)
  return (
    <details>
      <summary lang={language}>{subject}</summary>
      <div lang={language} class="pre-line">
        {text}
      </div>
    </details>
  )
}

function Follows({ debtor }: { debtor: Debtor }) {
  const words = follows(debtor)
  if (words.length === 0) return <span class="quiet">–</span>
  return (
    <>
      {words.map(word => (
        <span class="d-block">{word}</span>
      ))}
    </>
  )
}

const SparedCard = ({ others }: { others: readonly Debtor[] }) => (
  <Card title={t('They get none')} note={formatNumber(others.length)} body={false}>
    <Table
      caption={t('Members, the latest first')}
      rows={others.slice(0, mostShown)}
      rowHref={({ memberId }) => memberPath(memberId)}
      columns={[
        { key: 'name', label: t('Member'), render: ({ name }) => name },
        { key: 'why', label: t('Why'), render: debtor => sparedWord(debtor) },
        {
          key: 'amount',
          label: t('Overdue'),
          align: 'money',
          render: ({ totals }) => sums(totals),
          sub: ({ days }) => t('{{count}} days late', { count: days }),
        },
      ]}
    />
  </Card>
)

function sumOf(some: readonly Debtor[]): Debtor['totals'] {
  const cents = new Map<string, bigint>()
  for (const { currency, amount } of some.flatMap(({ totals }) => totals))
    cents.set(currency, (cents.get(currency) ?? 0n) + BigInt(amount.replace('.', '')))
  return [...cents].map(([currency, sum]) => ({ currency, amount: `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}` }))
}
