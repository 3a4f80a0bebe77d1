import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import {
  ButtonLink,
  Card,
  CardBody,
  type Column,
  formatMoney,
  formatPercent,
  formatQuantity,
  Icon,
  PostButton,
  Table,
} from '../ui/index.ts'
import { invoicePath } from './invoice-path.ts'
import type { InvoiceLine } from './invoice-queries.ts'

/** The lines with the calculation of each; of a draft, with what adds and removes them. */
export function LinesCard({ row, lines }: { row: Row; lines: readonly InvoiceLine[] }) {
  const editable = row.state === 'draft' && mayEverywhere(currentScope().actor, 'invoice.change')
  const mentions = [...new Set(lines.map(line => line.vatMention).filter(Boolean))]
  return (
    <Card
      title={t('Lines')}
      body={false}
      actions={
        row.state === 'issued' ? (
          <span class="small quiet">
            <Icon name="lock" /> {t('Frozen since it was issued')}
          </span>
        ) : (
          editable && (
            <ButtonLink small href={invoicePath(row.id, 'lines')} icon="plus">
              {t('Add a line')}
            </ButtonLink>
          )
        )
      }
    >
      <Table<InvoiceLine>
        top
        caption={t('Lines')}
        rows={lines}
        empty={<CardBody>{t('No line yet: nothing can be issued.')}</CardBody>}
        columns={columnsOf(row, editable)}
        foot={<Totals row={row} columns={editable ? 5 : 4} />}
      />
      {mentions.length > 0 && (
        <CardBody>
          {mentions.map(mention => (
            <p class="small quiet">{mention}</p>
          ))}
        </CardBody>
      )}
      {row.note !== '' && (
        <CardBody>
          <p class="pre-line">{String(row.note)}</p>
        </CardBody>
      )}
    </Card>
  )
}

function columnsOf(row: Row, editable: boolean): Column<InvoiceLine>[] {
  const currency = String(row.currency)
  return [
    {
      key: 'what',
      label: t('What'),
      render: line => <span class="text-break">{line.description}</span>,
      sub: line => (
        <>
          {line.explanation}
          {Number(line.credited) !== 0 && (
            <span class="sub">{t('{{amount}} given back by credit notes', { amount: formatMoney(line.credited, currency) })}</span>
          )}
        </>
      ),
      narrow: line =>
        [
          t('{{quantity}} × {{price}}', { quantity: quantityWords(line.quantity), price: formatMoney(line.unitPrice, currency) }),
          vatWords(line),
        ]
          .filter(Boolean)
          .join(', '),
    },
    { key: 'price', label: t('Price'), align: 'num', wide: true, render: line => formatMoney(line.unitPrice, currency) },
    {
      key: 'quantity',
      label: t('Quantity'),
      align: 'num',
      wide: true,
      render: line => quantityWords(line.quantity),
      sub: line => vatWords(line),
    },
    { key: 'amount', label: t('Amount'), align: 'money', render: line => formatMoney(line.net, currency) },
    ...(editable
      ? [
          {
            key: 'remove',
            label: t('Remove'),
            unlabelled: true,
            align: 'end' as const,
            render: (line: InvoiceLine) => (
              <PostButton small action={invoicePath(row.id, 'lines', line.id, 'remove')} icon="trash">
                <span class="visually-hidden">{t('Remove {{name}}', { name: line.description })}</span>
              </PostButton>
            ),
          },
        ]
      : []),
  ]
}

/** Whole numbers as they are, others with two decimals. */
/** `0.74`, or `2` without decimals. */
export const quantityWords = (quantity: string) =>
  /\.0*[1-9]/.test(quantity) ? formatQuantity(quantity) : String(Number(quantity)).replace('-', '\u2212')

const vatWords = ({ vatRate }: InvoiceLine) =>
  Number(vatRate) === 0 ? undefined : t('VAT {{rate}}', { rate: formatPercent(Number(vatRate) / 100, 2) })

function Totals({ row, columns }: { row: Row; columns: number }) {
  const line = (label: string, amount: unknown, strong: boolean) => (
    <tr class={strong ? 'strong' : undefined}>
      <th scope="row">{label}</th>
      <td class="wide" />
      <td class="wide" />
      <td class="money">{formatMoney(String(amount), String(row.currency))}</td>
      {columns === 5 && <td />}
    </tr>
  )
  return (
    <>
      {Number(row.vat) !== 0 && line(t('Without VAT'), row.net, false)}
      {Number(row.vat) !== 0 && line(t('VAT'), row.vat, false)}
      {line(t('Total'), row.total, true)}
    </>
  )
}
