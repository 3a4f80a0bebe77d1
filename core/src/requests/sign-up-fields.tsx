import type { LoadedField } from '../admin/fields.ts'
import { t } from '../app/i18n.ts'
import type { FieldError } from '../errors.ts'
import { errorOf, Field, type FieldKind, type Option, Pair } from '../ui/index.ts'

interface Props {
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly errors: readonly FieldError[]
}

/** Who somebody is and what they wish, in the order in which one tells it. Browsers know what most of it is. */
export function SignUpFields({ fields, values, errors }: Props) {
  const one = (name: string, kind: FieldKind, given: { autocomplete?: string; optional?: boolean; hint?: string; rows?: number } = {}) => {
    const field = fields.find(known => known.name === name)
    return (
      field && (
        <Field
          name={name}
          kind={kind}
          label={t(field.label)}
          value={String(values[name] ?? '')}
          options={field.choices?.map(
            (choice): Option => ({ value: choice.value, label: t(choice.label), hint: choice.help && t(choice.help) }),
          )}
          error={errorOf(errors, name)}
          {...given}
        />
      )
    )
  }
  return (
    <>
      {one('kind', 'choice')}
      {one('organizationName', 'text', { autocomplete: 'organization', optional: true, hint: t('For a legal entity') })}
      <Pair>
        {one('firstName', 'text', { autocomplete: 'given-name', optional: true })}
        {one('lastName', 'text', { autocomplete: 'family-name' })}
      </Pair>
      {one('email', 'email', { autocomplete: 'email' })}
      {one('mobilePhone', 'tel', { autocomplete: 'tel', optional: true })}
      {one('address', 'textarea', { autocomplete: 'street-address', optional: true, rows: 2, hint: t('Number and street') })}
      <Pair>
        {one('postalCode', 'text', { autocomplete: 'postal-code', optional: true })}
        {one('city', 'text', { autocomplete: 'address-level2', optional: true })}
      </Pair>
      {one('country', 'select', { autocomplete: 'country' })}
      {one('language', 'choice', { hint: t('Of mails and pages') })}
      {one('offerId', 'select', { optional: true, hint: t('You can decide later as well') })}
      {one('message', 'textarea', { optional: true, rows: 4 })}
    </>
  )
}
