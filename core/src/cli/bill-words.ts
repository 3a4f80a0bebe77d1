import type { RunRow, SetAsideRow } from '../billing/run-queries.ts'
import { reasonWords } from '../ui/reason.ts'
import { table } from './output.ts'

/** What a terminal says of a run. */
export function told(row: RunRow, aside: readonly SetAsideRow[], total: string): string {
  const lines = [sentence(row, total || '0')]
  if (row.state === 'preview' && row.invoices > 0)
    lines.push(`Each line: coin bill show ${row.id} --lines. Bill exactly this: coin bill apply ${row.id}.`)
  if (row.state === 'done' && row.drafts > 0) lines.push(`They are drafts. Issue them: coin bill issue --run ${row.id}.`)
  if (aside.length > 0)
    lines.push(
      `Set aside; try again with coin bill retry ${row.id}:`,
      table(
        ['Member', 'Name', 'Why'],
        aside.map(({ memberId, member, error }) => [
          String(memberId),
          member,
          error ? reasonWords(error) : 'is no longer as it was shown; what it would be now is shown',
        ]),
      ),
    )
  return lines.join('\n')
}

function sentence({ id, date, state, invoices }: RunRow, total: string): string {
  const what = `${invoices} invoices and credit notes, ${total}`
  switch (state) {
    case 'preview':
      return `Run ${id} up to ${date} would make ${what}. Nothing is billed yet.`
    case 'dropped':
      return `Run ${id} up to ${date} was dropped.`
    case 'done':
      return invoices === 0 ? `Run ${id} up to ${date}: nothing to bill.` : `Run ${id} up to ${date} made ${what}.`
    default:
      return `Run ${id} up to ${date} is under way (${state}): ${what} so far. Go on with coin bill resume ${id}.`
  }
}
