import { t } from '../app/i18n.ts'
import type { FieldError } from '../errors.ts'
import { errorOf, Field, Note } from '../ui/index.ts'
import type { Proof } from './proof.ts'

/** Where somebody shows that it is still them; nothing when they have just signed in. */
export const ProofField = ({ needed, errors = [] }: { needed: Proof; errors?: readonly FieldError[] }) => {
  if (needed === 'sign_in') return <Note tone="wait">{t('You signed in a while ago. Sign out, sign in again, then come back.')}</Note>
  if (needed === 'fresh') return null
  return (
    <Field
      name="password"
      kind="password"
      label={t('Your password')}
      hint={t('So that nobody who finds your browser open can do this.')}
      autocomplete="current-password"
      error={errorOf(errors, 'password')}
    />
  )
}
