import { t } from '../app/i18n.ts'
import { formatMoney, formatPercent, sitePath } from '../ui/index.ts'
import { quantityWords } from './invoice-lines-card.tsx'
import type { Proposal } from './run-queries.ts'

type Draft = Proposal['drafts'][number]
type Line = Draft['lines'][number]

/** What members would be billed: each line with how it comes about, and the total of each invoice. */
export const BillTable = ({ caption, rows }: { caption: string; rows: readonly Proposal[] }) => (
  <table class="table">
    <caption class="visually-hidden">{caption}</caption>
    <thead>
      <tr>
        <th scope="col">{t('Member and lines')}</th>
        <th scope="col" class="num wide">
          {t('Quantity')}
        </th>
        <th scope="col" class="money">
          {t('Amount')}
        </th>
      </tr>
    </thead>
    {rows.map(row => (
      <tbody>{row.drafts.length === 0 ? <MemberRow row={row} /> : row.drafts.map(draft => <DraftRows row={row} draft={draft} />)}</tbody>
    ))}
  </table>
)

const MemberRow = ({ row, draft }: { row: Proposal; draft?: Draft }) => (
  <tr>
    <th scope="rowgroup">
      <a href={sitePath(`/admin/members/${row.memberId}`)}>{row.member}</a>
      {draft?.total.startsWith('-') && <span class="quiet"> {t('Credit note')}</span>}
    </th>
    <td class="num wide" />
    <td class="money strong">{draft ? formatMoney(draft.total, draft.currency) : t('Nothing left to bill')}</td>
  </tr>
)

const DraftRows = ({ row, draft }: { row: Proposal; draft: Draft }) => (
  <>
    <MemberRow row={row} draft={draft} />
    {draft.lines.map(line => (
      <LineRow line={line} currency={draft.currency} />
    ))}
    {Number(draft.vat) !== 0 && (
      <tr>
        <td class="quiet">{t('VAT')}</td>
        <td class="num wide" />
        <td class="money quiet">{formatMoney(draft.vat, draft.currency)}</td>
      </tr>
    )}
  </>
)

const LineRow = ({ line, currency }: { line: Line; currency: string }) => (
  <tr>
    <td>
      {line.description}
      <span class="sub">
        {line.explanation}
        <span class="narrow">{timesWords(line, currency)}</span>
      </span>
    </td>
    <td class="num wide">
      {timesWords(line, currency)}
      {Number(line.vatRate) !== 0 && <span class="sub">{t('VAT {{rate}}', { rate: formatPercent(Number(line.vatRate) / 100, 2) })}</span>}
    </td>
    <td class="money">{formatMoney(line.net, currency)}</td>
  </tr>
)

/** `0.74 × €20.00` */
const timesWords = ({ quantity, unitPrice }: Line, currency: string): string =>
  t('{{quantity}} × {{price}}', { quantity: quantityWords(quantity), price: formatMoney(unitPrice, currency) })
