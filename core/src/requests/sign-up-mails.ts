import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import type { NewMember } from '../members/rules.ts'
import { sendMail } from '../system/mail.ts'
import { publicOrigin } from '../web/origin.ts'

/** Mails the link that shows that an address is theirs, in the language that was chosen; it works for so many days. */
export const mailConfirmation = (tx: Tx, person: NewMember, token: string, days: number): Promise<void> =>
  inTheirs(tx, person, true, values => ({
    subject: t('Confirm your e-mail address for {{provider}}', values),
    parts: [
      t('Hello,'),
      t('somebody, you we hope, asked to become a member of {{provider}} with this address. Confirm it within {{count}} days:', {
        ...values,
        count: days,
      }),
      publicOrigin() + url('request:confirm', { token }),
      t('If it was not you, do nothing: we forget the request by ourselves.'),
    ],
  }))

/** The same occasion, for an address that a member or an account has. */
export const mailKnownAlready = (tx: Tx, person: NewMember): Promise<void> =>
  inTheirs(tx, person, false, values => ({
    subject: t('You are known at {{provider}} already', values),
    parts: [
      t('Hello,'),
      t('somebody, you we hope, asked to become a member of {{provider}} with this address. We know it already: sign in here.', values),
      publicOrigin() + url('accounts:signIn'),
      t('If you cannot sign in, have a link to a new password mailed there, or answer this mail. If it was not you, do nothing.'),
    ],
  }))

async function inTheirs(
  tx: Tx,
  person: NewMember,
  secret: boolean,
  write: (values: Readonly<Record<string, string>>) => { readonly subject: string; readonly parts: readonly string[] },
): Promise<void> {
  const { registry } = currentScope()
  const language = person.language || registry.config.provider.language
  await withinScope({ locale: language, app: 'request' }, () => {
    const { subject, parts } = write({ provider: registry.providerName })
    return sendMail(tx, { to: person.email, subject, text: [...parts, registry.providerName].join('\n\n'), secret, language })
  })
}
