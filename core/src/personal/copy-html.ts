import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { formatDate, formatDateTime, formatNumber } from '../ui/index.ts'
import { type ColumnWords, columnWords } from './column-words.ts'
import { copyOf, type Piece } from './copy.ts'
import type { DataRow } from './rows.ts'
import { basisWords } from './term-words.ts'

// the file stands by itself, on somebody's disk: its style is in it
const style = `body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2933}h1{font-size:1.6rem}
h2{margin:2.5rem 0 .25rem;font-size:1.2rem;border-top:1px solid #cbd2d9;padding-top:1rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.1rem 1rem;margin:0;padding:.6rem 0;border-bottom:1px solid #e4e7eb;break-inside:avoid}
dt,.quiet{color:#52606d}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}p{margin:.25rem 0}@media print{body{margin:0;font-size:11px}}`

/** The copy as one page that stands by itself, to read and to print, in the language of the reader. */
export async function* htmlCopy(tx: Tx, memberId: number): AsyncGenerator<string> {
  const words = columnWords()
  let table: string | undefined
  let empty = false
  for await (const piece of copyOf(tx, memberId)) {
    switch (piece.is) {
      case 'head':
        yield headOf(piece)
        break
      case 'kind':
        yield `${empty ? nothing() : ''}${kindOf(piece)}`
        table = undefined
        empty = true
        break
      case 'rows':
        yield `${piece.table === table ? '' : `<h3>${text(words.table(piece.table))}</h3>`}${piece.rows.map(row => listOf(row, row.table_name ? String(row.table_name) : piece.table, words)).join('')}`
        table = piece.table
        empty = false
    }
  }
  yield `${empty ? nothing() : ''}</body></html>\n`
}

function headOf({ provider, name, madeAt }: Extract<Piece, { is: 'head' }>): string {
  const title = t('What {{provider}} holds about {{name}}', { provider, name })
  return `<!doctype html><html lang="${currentScope().locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title><style>${style}</style></head>
<body><h1>${text(title)}</h1><p class="quiet">${text(t('As of {{moment}}.', { moment: formatDateTime(madeAt) }))}</p>
<p>${text(t('For each kind: why we hold it, what allows us to, and for how long. Something is wrong? Write to us, and we put it right.'))}</p>`
}

const kindOf = ({ data, label, purpose, term, keptUntil }: Extract<Piece, { is: 'kind' }>) =>
  `<h2>${text(label)}</h2><p>${text(purpose)}</p><p class="quiet">${text([basisWords(data.basis), term, keptUntil && keptUntil !== 'infinity' && t('At present until {{date}}', { date: formatDate(keptUntil) })].filter(Boolean).join('. '))}.</p>`

const nothing = () => `<p class="quiet">${text(t('Nothing.'))}</p>`

/** A row as its names and values; numbers of rows say nothing to a reader. */
function listOf(row: DataRow, table: string, words: ColumnWords): string {
  const items = Object.entries(row).filter(([name, value]) => value !== null && value !== '' && !unsaid.test(name))
  const pairs = items.map(
    ([name, value]) =>
      `<dt>${text(words.column(table, name))}</dt><dd>${text(name === 'table_name' ? words.table(String(value)) : said(name, value, table, words))}</dd>`,
  )
  return pairs.length === 0 ? '' : `<dl>${pairs.join('')}</dl>`
}

const unsaid = /^(id|version|.*_id)$/

function said(name: string, value: unknown, table: string, words: ColumnWords): string {
  if (/_by$|^by_/.test(name)) return doer(value)
  if (value === true) return t('yes')
  if (value === false) return t('no')
  if (typeof value === 'number') return Number.isSafeInteger(value) ? formatNumber(value) : String(value)
  if (typeof value === 'string') return moment(words.value(table, name, value))
  if (Array.isArray(value)) return value.map(each => (each === null || each === '' ? '–' : said(name, each, table, words))).join(' → ')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([key]) => !unsaid.test(key))
      .map(([key, each]) => `${words.column(table, key)}: ${said(key, each, table, words)}`)
      .join('\n')
  return '–'
}

/** Who did something: the member who reads, or not. */
function doer(value: unknown): string {
  if (Array.isArray(value)) return value.map(doer).join(' → ')
  return value === 'member' || value === true
    ? t('you')
    : value === 'provider' || value === false
      ? t('the provider')
      : String(value ?? '–')
}

/** A day or a moment as people write it. */
const moment = (value: string) =>
  /^\d{4}-\d\d-\d\d$/.test(value)
    ? formatDate(value)
    : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)$/.test(value)
      ? formatDateTime(value)
      : value

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const text = (value: string) => value.replace(/[&<>"]/g, character => escapes[character] ?? character)
