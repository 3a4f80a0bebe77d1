import type { StatementProblem } from './statement.ts'
import { decodeEntities } from './texts.ts'

/** An aggregate of OFX with its values and the aggregates in it, by name; `line` is where it begins. */
export interface OfxAggregate {
  readonly name: string
  readonly line: number
  readonly values: Map<string, string>
  readonly children: OfxAggregate[]
}

/** The aggregates that matter; all other elements are values, or are passed over. */
const aggregates = new Set(
  'OFX BANKMSGSRSV1 CREDITCARDMSGSRSV1 STMTTRNRS CCSTMTTRNRS STMTRS CCSTMTRS BANKACCTFROM CCACCTFROM BANKTRANLIST STMTTRN PAYEE BANKACCTTO CCACCTTO CURRENCY ORIGCURRENCY LEDGERBAL AVAILBAL STATUS SIGNONMSGSRSV1 SONRS FI'.split(
    ' ',
  ),
)

/**
 * The aggregates of an OFX file, of both kinds: SGML, where values have no closing tag, and XML. Aggregates are always closed, so one that is
 * not shows that the file was cut.
 */
export function readOfxElements(text: string): { root: OfxAggregate } | { problem: StatementProblem } {
  const root = aggregate('', 1)
  const open = [root]
  const tags = /<(\/?)([A-Za-z][\w.]*)(?:\s[^<>]*)?(\/?)>(<!\[CDATA\[)?([^<]*)|\n/g
  tags.lastIndex = Math.max(0, text.search(/<OFX[\s>]/i))
  let line = text.slice(0, tags.lastIndex).split('\n').length
  for (let match = tags.exec(text); match; match = tags.exec(text)) {
    const [whole, closing, written = '', empty, cdata, bare = ''] = match
    const name = written.toUpperCase()
    const here = line
    let value = decodeEntities(bare)
    let length = whole.length
    if (cdata) {
      const start = match.index + whole.length - bare.length
      const end = text.indexOf(']]>', start)
      if (end < 0) return { problem: endsTooEarly(here) }
      value = text.slice(start, end)
      length = end + 3 - match.index
      tags.lastIndex = end + 3
    }
    line += newlinesIn(text, match.index, match.index + length)
    const current = open.at(-1) ?? root
    if (!name) continue
    if (!aggregates.has(name)) {
      if (!closing && !current.values.has(name)) current.values.set(name, value.trim())
      continue
    }
    if (open.length > deepest) return { problem: damaged(here, name) }
    if (!closing) {
      const child = aggregate(name, here)
      current.children.push(child)
      if (!empty) open.push(child)
    } else if (current.name === name) open.pop()
    else return { problem: damaged(here, name) }
  }
  const unclosed = open[1] && open.at(-1)
  return unclosed ? { problem: endsTooEarly(line) } : { root }
}

/** Every aggregate of that name, at any depth. */
export function aggregatesOf(within: OfxAggregate, name: string): OfxAggregate[] {
  return within.children.flatMap(child => (child.name === name ? [child] : aggregatesOf(child, name)))
}

const aggregate = (name: string, line: number): OfxAggregate => ({ name, line, values: new Map(), children: [] })

/** More aggregates inside one another than OFX has. */
const deepest = 20

const damaged = (line: number, field: string): StatementProblem => ({
  line,
  field,
  message: 'This element is opened or closed where it cannot be: the file is damaged. Export it again.',
})

const endsTooEarly = (line: number): StatementProblem => ({ line, message: 'The file ends in the middle: export it again.' })

function newlinesIn(text: string, from: number, until: number): number {
  let count = 0
  for (let index = from; index < until; index++) if (text.charCodeAt(index) === 10) count++
  return count
}
