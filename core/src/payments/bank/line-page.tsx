import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import type { Tx } from '../../db/database.ts'
import { type FieldError, invalid, isCoinError } from '../../errors.ts'
import { findMember, memberOf } from '../../members/queries.ts'
import { Card, Facts, formatDate, formatMoney, Moment, Page, PostButton, Stack, Stats } from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { IgnoreForm, ReturnForm, SettleForm, SplitForm } from './line-forms.tsx'
import { bankPath, importPath, linePath, unmatchedPath } from './paths.ts'
import { type LineHead, lineOf, openInvoicesOf, reversiblePayments } from './queries.ts'
import { ignoreLine, type Part, settleAsReturn, settleLine, takeBackLine } from './settle.ts'
import { readAmount } from './split.ts'
import { suggestMembers } from './suggest.ts'
import { SuggestionForm } from './unmatched-page.tsx'
import { LineState, Payers, payerOf, sayReason } from './words.tsx'

export type Typed = Readonly<Record<string, string>>

async function show(c: Context, typed: Typed = {}, errors: readonly FieldError[] = []) {
  const { db } = c.var.coin.database
  const line = await lineOf(db, Number(c.req.param('id')))
  const out = line.amount.startsWith('-')
  const open = line.state === 'unmatched'
  const said = typed.member ?? c.req.query('member') ?? ''
  const memberId = open && said ? await memberIn(db, said) : undefined
  const member = memberId === undefined ? undefined : await memberOf(db, memberId)
  const notFound = said !== '' && member === undefined && errors.length === 0 ? [{ field: 'member', message: noMember }] : []
  const suggestions = open && !out ? ((await suggestMembers(db, [line])).get(line.id) ?? []) : []
  const invoices = memberId !== undefined && !out ? await openInvoicesOf(db, memberId, line.currency) : []
  const payments = memberId !== undefined && out ? await reversiblePayments(db, memberId, line.currency, line.amount.slice(1)) : []
  const all = [...errors, ...notFound]
  return (
    <Page
      title={payerOf(line)}
      errors={all}
      crumbs={[
        { label: t('Bank statements'), href: bankPath() },
        { label: t('To settle'), href: unmatchedPath() },
      ]}
      head={<LineState line={line} />}
      actions={
        (line.state === 'matched' || line.state === 'ignored') && (
          <PostButton action={linePath(line.id, 'take-back')} icon="history">
            {t('Take back')}
          </PostButton>
        )
      }
    >
      <Stack>
        <Summary line={line} />
        {suggestions.length > 0 && (
          <Card title={t('Who it may be')}>
            {suggestions.map(suggestion => (
              <SuggestionForm line={line} suggestion={suggestion} />
            ))}
          </Card>
        )}
        {open && (
          <>
            <SettleForm line={line} said={said} member={member} invoices={invoices} typed={typed} errors={all} />
            {out && member && <ReturnForm line={line} payments={payments} errors={errors} />}
            <SplitForm line={line} typed={typed} errors={errors} />
            <IgnoreForm line={line} typed={typed} errors={errors} />
          </>
        )}
        <Details line={line} />
      </Stack>
    </Page>
  )
}

const Summary = ({ line }: { line: LineHead }) => (
  <Stats
    text
    items={[
      { label: t('Amount'), value: formatMoney(line.amount, line.currency), note: formatDate(line.bookedOn) },
      { label: t('Whose'), value: line.payers.length > 0 ? <Payers line={line} /> : '–', note: sayReason(line.reason) },
      { label: t('Account'), value: line.account },
    ]}
  />
)

const Details = ({ line }: { line: LineHead }) => (
  <Card title={t('What the bank says')}>
    <Facts
      items={[
        { label: t('Label'), value: <span class="text-break">{line.label}</span> },
        { label: t('Name'), value: line.name },
        { label: t('IBAN'), value: line.iban, kind: 'addr' },
        { label: t('End-to-end reference'), value: line.endToEndId },
        line.valueOn !== null && { label: t('Value day'), value: formatDate(line.valueOn) },
        {
          label: t('From'),
          value: <a href={importPath(line.importId)}>{t('{{file}}, line {{line}}', { file: line.fileName, line: line.fileLine })}</a>,
        },
        line.settledAt !== null && {
          label: t('Settled by'),
          value: (
            <>
              {line.settledBy}, <Moment at={line.settledAt} />
            </>
          ),
        },
      ]}
    />
  </Card>
)

const noMember = 'No member, or several, are called so. Type more, or the username.'

/** `Ada Lovelace #12`, a username, an e-mail address or a whole name. */
export async function memberIn(tx: Tx, text: string): Promise<number | undefined> {
  const number = /#(\d{1,15})$/.exec(text)?.[1]
  return number ? Number(number) : findMember(tx, text)
}

async function requireMember(tx: Tx, text: string, field: string): Promise<number> {
  if (text === '') throw invalid(field, 'Choose whose payment it is.')
  const found = await memberIn(tx, text)
  if (found === undefined) throw invalid(field, noMember)
  return found
}

async function partsIn(tx: Tx, line: LineHead, typed: Typed): Promise<Part[]> {
  if (typed.do !== 'split') {
    const memberId = await requireMember(tx, typed.member ?? '', 'member')
    const invoiceId = /^\d{1,15}$/.test(typed.invoice ?? '') ? Number(typed.invoice) : undefined
    return [{ memberId, amount: line.amount, invoiceId }]
  }
  const parts: Part[] = []
  for (const n of ['1', '2', '3', '4']) {
    const [member, amount] = [typed[`member${n}`] ?? '', typed[`amount${n}`] ?? '']
    if (member === '' && amount === '') continue
    parts.push({
      memberId: await requireMember(tx, member, `member${n}`),
      amount: readAmount(amount, `amount${n}`, line.amount.startsWith('-')),
    })
  }
  return parts
}

/** Does something with a line; what is refused comes back on its page. */
async function act(c: Context, done: string, work: (tx: Tx, line: LineHead, typed: Typed) => Promise<void>) {
  const form = await c.req.parseBody()
  const typed = Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value.trim()]] : [])),
  )
  const { coin, actor } = c.var
  const line = await lineOf(coin.database.db, Number(c.req.param('id')))
  try {
    await coin.transaction(actor, tx => work(tx, line, typed))
  } catch (error) {
    if (!isCoinError(error) || error.code === 'not_found') throw error
    c.status(422)
    const named = error.fields.some(({ field }) => field !== '')
    return show(c, typed, named ? error.fields : [{ field: '', message: error.message, values: error.values }])
  }
  return redirectTo(c, typed.do === 'confirm' ? unmatchedPath() : linePath(line.id), done)
}

/** One line of a statement; who it is from is said here. */
export const lineView: View = {
  path: '/admin/bank/lines/:id{[0-9]+}',
  access: 'bank.import',
  get: c => show(c),
  post: c =>
    act(c, t('The line is settled, and what it pays is covered.'), async (tx, line, typed) =>
      settleLine(tx, line.id, await partsIn(tx, line, typed), typed.remember === 'true' && typed.do !== 'split'),
    ),
}

/** The line undoes a payment. */
export const lineReturnView: View = {
  path: '/admin/bank/lines/:id{[0-9]+}/return',
  access: 'bank.import',
  post: c =>
    act(c, t('The line is settled. What that payment covered is open again.'), (tx, line, { payment = '' }) => {
      if (!/^\d{1,15}$/.test(payment)) throw invalid('payment', 'Choose the payment that it undoes.')
      return settleAsReturn(tx, line.id, Number(payment))
    }),
}

/** The line is no member's. */
export const lineIgnoreView: View = {
  path: '/admin/bank/lines/:id{[0-9]+}/ignore',
  access: 'bank.import',
  post: c =>
    act(c, t('The line is left aside.'), (tx, line, { reason = '', always, pattern = '' }) =>
      ignoreLine(tx, line.id, reason, always === 'true' ? pattern : undefined),
    ),
}

/** A line that was settled or left aside waits again. */
export const lineTakeBackView: View = {
  path: '/admin/bank/lines/:id{[0-9]+}/take-back',
  access: 'bank.import',
  async post(c) {
    const { coin, actor } = c.var
    const id = Number(c.req.param('id'))
    try {
      await coin.transaction(actor, tx => takeBackLine(tx, id))
    } catch (error) {
      if (!isCoinError(error) || error.code !== 'refused') throw error
      return redirectTo(c, linePath(id), [t(error.message, error.values), error.hint ? t(error.hint) : ''].join(' '), 'fail')
    }
    return redirectTo(c, linePath(id), t('The line waits for a person again. Its payments are gone.'))
  },
}
