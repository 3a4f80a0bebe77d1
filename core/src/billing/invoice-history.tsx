import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { type Content, formatDate, Timeline, type TimelineItem } from '../ui/index.ts'
import type { InvoiceEvent, InvoiceSide } from './invoice-queries.ts'
import { runPath } from './run-words.tsx'

/** What happened to an invoice, newest first. */
export function InvoiceHistory({ row, side, events }: { row: Row; side: InvoiceSide; events: readonly InvoiceEvent[] }) {
  const items: TimelineItem[] = events.map(event => ({ at: event.at, text: words(event), mark: markOf(event) }))
  // what a run drafts has no entry of its own
  if (!events.some(({ what }) => what === 'added') && row.createdAt instanceof Date)
    items.push({
      at: row.createdAt.toISOString(),
      text: side.run ? draftedBy(side.run) : t('Drafted'),
    })
  return <Timeline items={items} />
}

function draftedBy({ id, date }: NonNullable<InvoiceSide['run']>): Content {
  const words = t('Drafted by the run up to {{date}}', { date: formatDate(date) })
  return mayEverywhere(currentScope().actor, 'billing.run') ? <a href={runPath(id)}>{words}</a> : words
}

function words({ what, actor, text, mail }: InvoiceEvent): Content {
  const values = { actor: actor || t('Somebody') }
  switch (what) {
    case 'added':
      return t('Drafted by {{actor}}', values)
    case 'changed':
      return t('Changed by {{actor}}', values)
    case 'issued':
      return actor === 'billing:run' ? t('Issued by a run') : t('Issued by {{actor}}', values)
    case 'settled':
      return t('Settled')
    case 'disputed':
      return withText(t('Put in dispute by {{actor}}', values), text)
    case 'undisputed':
      return withText(t('Dispute ended by {{actor}}', values), text)
    case 'failed':
      return withText(t('Its PDF could not be made'), text)
    case 'mailed':
      return <MailLink id={mail}>{t('Sent to {{address}}', { address: text ?? '' })}</MailLink>
    case 'unmailed':
      return <MailLink id={mail}>{t('The mail to {{address}} failed', { address: text ?? '' })}</MailLink>
  }
}

const withText = (sentence: string, text: string | null): Content =>
  text ? (
    <>
      {sentence}
      <br />
      <span class="quiet pre-line text-break">{text}</span>
    </>
  ) : (
    sentence
  )

const MailLink = ({ id, children }: { id: number | null; children?: Content }) =>
  id !== null && mayEverywhere(currentScope().actor, 'mail.view') ? <a href={url('system:mail', { id })}>{children}</a> : children

function markOf({ what }: InvoiceEvent): TimelineItem['mark'] {
  if (what === 'failed' || what === 'unmailed') return 'fail'
  return what === 'settled' ? 'ok' : undefined
}
