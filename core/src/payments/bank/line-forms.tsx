import { t } from '../../app/i18n.ts'
import type { FieldError } from '../../errors.ts'
import type { Member } from '../../members/tables.ts'
import { Button, Card, errorOf, Field, Form, formatDate, formatMoney, Pair, sitePath } from '../../ui/index.ts'
import { labelKey } from './keys.ts'
import { ruleFor } from './learn.ts'
import { linePath } from './paths.ts'
import type { LineHead, OpenInvoice, Reversible } from './queries.ts'

interface FormProps {
  readonly line: LineHead
  readonly typed: Readonly<Record<string, string>>
  readonly errors: readonly FieldError[]
}

/** Whose it is; once that is said, which invoice. */
export function SettleForm({
  line,
  said,
  member,
  invoices,
  typed,
  errors,
}: FormProps & { said: string; member: Pick<Member, 'id' | 'displayName'> | undefined; invoices: readonly OpenInvoice[] }) {
  const rule = ruleFor(line)
  const out = line.amount.startsWith('-')
  return (
    <>
      <Card title={t('Settle it')}>
        <form method="get" action={linePath(line.id)}>
          <div class="fields">
            <MemberField name="member" label={t('Member')} value={said} error={errorOf(errors, 'member')} />
            <div class="actions">
              <Button>{t('Look at this member')}</Button>
            </div>
          </div>
        </form>
      </Card>
      {member && (
        <Card title={t('For {{name}}', { name: member.displayName })}>
          <Form
            action={linePath(line.id)}
            submit={t('Record the payment')}
            frame="plain"
            hidden={{ member: `#${member.id}`, do: 'settle' }}
          >
            {invoices.length > 0 && (
              <Field
                name="invoice"
                label={t('For the invoice')}
                kind="select"
                value={typed.invoice ?? ''}
                error={errorOf(errors, 'invoiceId')}
                options={[
                  { value: '', label: t('The oldest unpaid first') },
                  ...invoices.map(({ id, number, issuedOn, open }) => ({
                    value: String(id),
                    label: `${number} · ${formatDate(issuedOn, 'table')} · ${formatMoney(open, line.currency)}`,
                  })),
                ]}
              />
            )}
            {rule && !out && (
              <Field name="remember" label={rememberLabel(rule)} kind="checkbox" value={typed.do ? typed.remember === 'true' : true} />
            )}
          </Form>
        </Card>
      )}
    </>
  )
}

const rememberLabel = ({ kind, value }: NonNullable<ReturnType<typeof ruleFor>>): string =>
  kind === 'iban'
    ? t('From now on, money from the IBAN {{iban}} is this member’s', { iban: value })
    : kind === 'name'
      ? t('From now on, money in this payer’s name is this member’s')
      : t('From now on, money with the words “{{words}}” is this member’s', { words: value })

const MemberField = ({ name, label, value, error }: { name: string; label: string; value: string; error: string | undefined }) => (
  <Field
    name={name}
    label={label}
    value={value}
    error={error}
    suggestions={[]}
    autocomplete="off"
    hint={t('A name, a username or an e-mail address')}
    attributes={{
      'hx-get': `${sitePath('/admin/members/choices')}?field=${name}`,
      'hx-trigger': 'input delay:250ms',
      'hx-target': `#${name}-list`,
      'hx-swap': 'innerHTML',
    }}
  />
)

/** Money that went back: which payment it undoes. */
export const ReturnForm = ({
  line,
  payments,
  errors,
}: {
  line: LineHead
  payments: readonly Reversible[]
  errors: readonly FieldError[]
}) =>
  payments.length === 0 ? null : (
    <Card title={t('It undoes a payment')}>
      <Form action={linePath(line.id, 'return')} submit={t('It undoes this payment')} frame="plain">
        <Field
          name="payment"
          label={t('Payment')}
          kind="select"
          value=""
          error={errorOf(errors, 'payment') ?? errorOf(errors, 'amount')}
          options={payments.map(({ id, receivedOn, amount }) => ({
            value: String(id),
            label: `${formatDate(receivedOn, 'table')} · ${formatMoney(amount, line.currency)}`,
          }))}
        />
      </Form>
    </Card>
  )

/** One transfer for several members. */
export const SplitForm = ({ line, typed, errors }: FormProps) => (
  <Card title={t('For several members')}>
    <details open={typed.do === 'split' || undefined}>
      <summary>{t('Share it out')}</summary>
      <Form action={linePath(line.id)} submit={t('Record the payments')} frame="plain" hidden={{ do: 'split' }}>
        <p class="hint">
          {t('The parts come to {{amount}} together.', { amount: formatMoney(line.amount.replace('-', ''), line.currency) })}
        </p>
        {errorOf(errors, 'amount') && typed.do === 'split' && <p class="error">{errorOf(errors, 'amount')}</p>}
        {['1', '2', '3', '4'].map(n => (
          <Pair>
            <MemberField
              name={`member${n}`}
              label={t('Member {{n}}', { n })}
              value={typed[`member${n}`] ?? ''}
              error={errorOf(errors, `member${n}`)}
            />
            <Field
              name={`amount${n}`}
              label={t('Amount {{n}}', { n })}
              kind="money"
              value={typed[`amount${n}`] ?? ''}
              error={errorOf(errors, `amount${n}`)}
            />
          </Pair>
        ))}
      </Form>
    </details>
  </Card>
)

/** No member's money. */
export const IgnoreForm = ({ line, typed, errors }: FormProps) => (
  <Card title={t('It is no member’s')}>
    <Form action={linePath(line.id, 'ignore')} submit={t('Leave it aside')} frame="plain">
      <Field
        name="reason"
        label={t('Why')}
        value={typed.reason ?? ''}
        error={errorOf(errors, 'reason')}
        hint={t('Such as: fees of the bank, the rent, a grant')}
      />
      <Field name="always" label={t('Leave lines with these words aside from now on')} kind="checkbox" value={typed.always === 'true'} />
      <Field
        name="pattern"
        label={t('Words of the label')}
        value={typed.pattern ?? labelKey(line.label)}
        optional
        error={errorOf(errors, 'pattern')}
        hint={t('As they follow one another, without figures')}
      />
    </Form>
  </Card>
)
