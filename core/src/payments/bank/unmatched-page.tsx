import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import {
  Button,
  ButtonLink,
  Card,
  CardBody,
  Empty,
  formatDate,
  formatMoney,
  formatOwed,
  Page,
  Pager,
  Stack,
  Todo,
  type TodoItem,
  Views,
} from '../../ui/index.ts'
import type { LineRow } from './import-queries.ts'
import { bankPath, linePath, unmatchedPath } from './paths.ts'
import { type Direction, unmatchedCount, unmatchedLines } from './queries.ts'
import { type Suggestion, suggestMembers } from './suggest.ts'
import { payerOf, sayReason, whyWords } from './words.tsx'

const pageSize = 50

/** Lines that nobody could be found for, with who it may be. */
export const unmatchedView: View = {
  path: '/admin/bank/unmatched',
  access: 'bank.import',
  async get(c) {
    const { db } = c.var.coin.database
    const asked = c.req.query('show')
    const direction: Direction | undefined = asked === 'in' || asked === 'out' ? asked : undefined
    const { count, incoming } = await unmatchedCount(db)
    const total = direction === 'in' ? incoming : direction === 'out' ? count - incoming : count
    const page = Math.trunc(Math.min(Math.max(1, Number(c.req.query('page')) || 1), Math.max(1, Math.ceil(total / pageSize))))
    const lines = await unmatchedLines(db, { direction, offset: (page - 1) * pageSize, limit: pageSize })
    const suggestions = await suggestMembers(
      db,
      lines.filter(({ amount }) => !amount.startsWith('-')),
    )
    const tab = (label: string, show: string, of: number) => ({
      label,
      count: of,
      href: show ? `${unmatchedPath()}?show=${show}` : unmatchedPath(),
      current: (direction ?? '') === show,
    })
    return (
      <Page title={t('Bank lines to settle')} crumbs={[{ label: t('Bank statements'), href: bankPath() }]}>
        <Stack>
          <Card title={t('Lines, the oldest first')} body={false}>
            <CardBody>
              <Views items={[tab(t('All'), '', count), tab(t('Money in'), 'in', incoming), tab(t('Money out'), 'out', count - incoming)]} />
            </CardBody>
            {lines.length === 0 ? (
              <Empty title={t('Nothing to settle')} icon="circle-check">
                {t('Lines of statements that no member could be found for come here.')}
              </Empty>
            ) : (
              <Todo top items={lines.map(line => itemOf(line, suggestions.get(line.id) ?? []))} />
            )}
            <Pager page={page} pageSize={pageSize} total={total} />
          </Card>
        </Stack>
      </Page>
    )
  },
}

const itemOf = (line: LineRow, [first, ...more]: readonly Suggestion[]): TodoItem => ({
  tone: 'drift',
  icon: 'building-bank',
  text: (
    <>
      <b class="text-break">{payerOf(line)}</b> <span class="money strong">{formatMoney(line.amount, line.currency)}</span>
      <div class="small quiet text-break">
        {[formatDate(line.bookedOn, 'table'), line.name && line.label, line.iban].filter(Boolean).join(' · ')}
      </div>
      <div class="small quiet">{sayReason(line.reason)}</div>
      {first && <SuggestionForm line={line} suggestion={first} />}
      {more.length > 0 && <div class="small quiet">{t('Or: {{names}}', { names: more.map(({ name }) => name).join(', ') })}</div>}
    </>
  ),
  action: (
    <ButtonLink small href={linePath(line.id)}>
      {t('Settle')}
    </ButtonLink>
  ),
})

/** One click: this member, and the payer is remembered. */
export const SuggestionForm = ({ line, suggestion }: { line: Pick<LineRow, 'id' | 'currency'>; suggestion: Suggestion }) => (
  <form class="row-flex" method="post" action={linePath(line.id)}>
    <input type="hidden" name="member" value={`${suggestion.name} #${suggestion.memberId}`} />
    {suggestion.invoiceId !== null && <input type="hidden" name="invoice" value={String(suggestion.invoiceId)} />}
    <input type="hidden" name="remember" value="true" />
    <Button small name="do" value="confirm">
      {t('Confirm {{name}}', { name: suggestion.name })}
    </Button>
    <span class="small quiet">{saySuggestion(suggestion, line.currency)}</span>
  </form>
)

const saySuggestion = ({ why, owed, invoiceNumber }: Suggestion, currency: string): string =>
  [
    why.map(each => whyWords[each]()).join(', '),
    Number(owed) > 0
      ? t('owes {{amount}}', { amount: formatMoney(owed, currency) })
      : Number(owed) === 0
        ? t('owes nothing')
        : formatOwed(owed, currency),
    invoiceNumber,
  ]
    .filter(Boolean)
    .join(' · ')
