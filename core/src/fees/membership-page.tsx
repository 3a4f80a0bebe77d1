import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { type CoinError, type FieldError, invalid, isCoinError } from '../errors.ts'
import { ButtonLink, Card, errorOf, Field, Form, formatDate, formatMoney, Note, Page, parseMoney, Stack } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { donationsOf, type GivenDonation } from './donation-rules.ts'
import { FeeStateLabel, payHref } from './fee-words.tsx'
import { DonationsTable, FeesTable } from './history-tables.tsx'
import { amountIsFree, chooseOwnFee, type Own, ownFees } from './own.ts'

/** A member's own membership: until when it is paid, and how to go on. */
export const membershipView: View = {
  path: '/membership',
  access: 'member',
  get: c => show(c),
  async post(c) {
    const typed = String((await c.req.parseBody()).amount ?? '')
    const { actor } = currentScope()
    try {
      const amount = parseMoney(typed)
      if (!amount.ok) throw invalid('amount', amount.message, amount.values)
      const invoiceId = await c.var.coin.transaction(actor, tx => chooseOwnFee(tx, actor.memberId ?? 0, amount.value))
      return redirectTo(c, payHref(invoiceId))
    } catch (error) {
      if (!isCoinError(error) || !['invalid', 'refused'].includes(error.code)) throw error
      return show(c, typed, errorsOf(error))
    }
  },
}

const errorsOf = ({ fields, message, values, hint }: CoinError): readonly FieldError[] =>
  fields.length > 0
    ? fields
    : [{ field: '', message: '{{text}}', values: { text: [t(message, values), hint && t(hint, values)].filter(Boolean).join(' ') } }]

async function show(c: Context, typed?: string, errors: readonly FieldError[] = []) {
  const { db, actor } = currentScope()
  const memberId = actor.memberId ?? 0
  const [own, given] = [await ownFees(db, memberId), await donationsOf(db, memberId)]
  return c.html(<MembershipPage own={own} given={given} typed={typed} errors={errors} />, errors.length > 0 ? 422 : 200)
}

interface PageProps {
  readonly own: Own
  readonly given: readonly GivenDonation[]
  readonly typed: string | undefined
  readonly errors: readonly FieldError[]
}

const MembershipPage = ({ own, given, typed, errors }: PageProps) => (
  <Page title={t('My membership')} errors={errors} head={<span class="quiet">{standingSentence(own)}</span>}>
    <Stack>
      {own.waiting ? (
        <Waiting own={own} fee={own.waiting} typed={typed} errors={errors} />
      ) : own.mayRenew ? (
        <Card title={own.until === null ? t('Pay the fee') : t('Pay the next fee')} id="fee" body={false}>
          <AmountForm value={typed ?? currentScope().registry.config.fees.amount} errors={errors} submit={t('Go on to the payment')} />
        </Card>
      ) : null}
      <FeesTable fees={own.fees} />
      {given.length > 0 && <DonationsTable given={given} />}
    </Stack>
  </Page>
)

/** Until when a membership is paid, in the member's words. */
export function standingSentence({ status, resignedOn, until, paidUp }: Own): string {
  if (status === 'pending') return t('You asked to join, and we have not answered yet.')
  if (status !== 'member') return t('You are not a member any more.')
  if (resignedOn) return t('Your membership ends on {{date}}.', { date: formatDate(resignedOn) })
  if (until === null) return t('No membership fee has been paid yet.')
  return paidUp ? t('Paid until {{date}}', { date: formatDate(until) }) : t('Was paid until {{date}}', { date: formatDate(until) })
}

interface WaitingProps {
  readonly own: Own
  readonly fee: NonNullable<Own['waiting']>
  readonly typed: string | undefined
  readonly errors: readonly FieldError[]
}

const Waiting = ({ fee, typed, errors }: WaitingProps) => (
  <Card title={t('To pay')} id="fee" actions={<FeeStateLabel state={fee.state} />} body={false}>
    <div class="card-body owed">
      <div>
        <p class="big">{formatMoney(fee.due, fee.currency)}</p>
        <p class="quiet">{t('Your fee until {{date}}', { date: formatDate(fee.last) })}</p>
      </div>
      <div class="actions">
        <ButtonLink href={payHref(fee.invoiceId)} kind="primary">
          {t('Pay')}
        </ButtonLink>
      </div>
    </div>
    {amountIsFree(fee) && hasChoice() && (
      <details class="card-body" open={errors.length > 0}>
        <summary>{t('Choose another amount')}</summary>
        <AmountForm value={typed ?? fee.amount} errors={errors} submit={t('Change the amount')} />
      </details>
    )}
  </Card>
)

function AmountForm({ value, errors, submit }: { value: string; errors: readonly FieldError[]; submit: string }) {
  const { fees, provider } = currentScope().registry.config
  const values = {
    minimum: formatMoney(fees.minimum, provider.currency),
    amount: formatMoney(fees.amount, provider.currency),
    count: fees.months,
  }
  return (
    <Form action={url('fees:membership')} submit={submit} frame="card-body">
      {errorOf(errors, '') && <Note tone="fail">{errorOf(errors, '')}</Note>}
      <Field
        name="amount"
        label={t('Amount')}
        kind="money"
        value={value}
        error={errorOf(errors, 'amount')}
        hint={
          hasChoice()
            ? t('As you like, from {{minimum}} up; we advise {{amount}} for {{count}} months.', values)
            : t('{{amount}} at least, for {{count}} months', values)
        }
      />
    </Form>
  )
}

const hasChoice = (): boolean => currentScope().registry.config.fees.minimum !== currentScope().registry.config.fees.amount
