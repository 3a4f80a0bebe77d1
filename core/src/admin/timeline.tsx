import { t } from '../app/i18n.ts'
import { type Content, Timeline } from '../ui/index.ts'
import type { ToldEntry } from './history.ts'

/** What happened, newest first: who, when, and each value before and after. */
export const HistoryTimeline = ({ entries, undoHref }: { entries: readonly ToldEntry[]; undoHref?: UndoHref | undefined }) => (
  <Timeline items={entries.map(entry => ({ at: entry.at, text: <Entry entry={entry} undoHref={undoHref} /> }))} />
)

/** Where an entry is taken back, if it can be. */
export type UndoHref = (entry: ToldEntry) => string | undefined

function deed({ op, actor }: ToldEntry): string {
  const values = { actor: actor || t('Somebody') }
  if (op === 'added') return t('{{actor}} added it.', values)
  return op === 'changed' ? t('{{actor}} changed it.', values) : t('{{actor}} removed it.', values)
}

function Entry({ entry, undoHref }: { entry: ToldEntry; undoHref: UndoHref | undefined }) {
  const href = undoHref?.(entry)
  return (
    <>
      {deed(entry)}{' '}
      {href && (
        <a class="small quiet u" href={href}>
          {t('Take back')}
        </a>
      )}
      <Changes changes={entry.changes} first={entry.op === 'added'} />
    </>
  )
}

/** Each value before and after; of something new, its values. */
export const Changes = ({ changes, first }: { changes: ToldEntry['changes']; first?: boolean }) =>
  changes.length === 0 ? null : (
    <ul class="plain small">
      {changes.map(change => (
        <li>
          <b>{t('{{label}}:', { label: change.label })}</b> {says(change, first ?? false)}
        </li>
      ))}
    </ul>
  )

function says({ before, after, secret, erased }: ToldEntry['changes'][number], first: boolean): Content {
  if (erased) return <span class="quiet">{t('erased')}</span>
  if (secret) return <span class="quiet">{first ? t('given, not shown') : t('changed, not shown')}</span>
  const value = (text: string) => (text === '' ? <span class="quiet">{t('nothing')}</span> : text)
  if (first) return value(after)
  return (
    <>
      <del>{value(before)}</del> → <ins>{value(after)}</ins>
    </>
  )
}
