import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { sendMail } from '../system/mail.ts'
import { publicOrigin } from '../web/origin.ts'
import { type AccountEventKind, eventWords } from './event-words.ts'

/** Who gets a mail about their account. */
export interface Recipient {
  readonly email: string
  readonly name: string
  readonly language: string
}

/** Mails the link that sets a password, in the recipient's language: on their own wish, or because they are invited. */
export function mailPasswordLink(tx: Tx, kind: 'reset' | 'invitation' | 'staff', to: Recipient, token: string): Promise<void> {
  const { registry, basePath } = currentScope()
  const locale = to.language || registry.config.provider.language
  return withinScope({ locale, app: 'accounts' }, () => {
    const values = {
      name: to.name,
      provider: registry.providerName,
      link: `${publicOrigin()}${basePath}/reset?token=${token}`,
      email: to.email,
    }
    const text = kind === 'reset' ? resetText(values) : invitationText(values, kind)
    const subject = kind === 'reset' ? t('A new password for {{provider}}', values) : t('Your account at {{provider}}', values)
    return sendMail(tx, { to: to.email, subject, text, secret: true })
  })
}

/** Tells the owner of an account what was changed in its security, in their language. */
export function mailSecurityChange(
  tx: Tx,
  to: Recipient,
  kind: AccountEventKind,
  { address, detail }: { readonly address: string; readonly detail: string },
): Promise<void> {
  const { registry, basePath } = currentScope()
  const locale = to.language || registry.config.provider.language
  return withinScope({ locale, app: 'accounts' }, () => {
    const site = `${publicOrigin()}${basePath}`
    const values = { name: to.name, provider: registry.providerName, what: t(eventWords[kind].label), email: to.email, site }
    const whence = [detail, address].filter(Boolean).join(', ')
    const text = [
      t('Hello {{name}},', values),
      t('Something has changed in the security of your account {{email}}:', values),
      whence ? `${values.what} (${whence}).` : `${values.what}.`,
      t('If it was you, there is nothing to do. If not, set a new password at {{site}}/forgotten and tell us.', values),
      values.provider,
    ].join('\n\n')
    return sendMail(tx, { to: to.email, subject: t('The security of your account at {{provider}}', values), text, language: locale })
  })
}

const resetText = (values: Record<string, string>) =>
  [
    t('Hello {{name}},', values),
    t('Somebody, you we hope, asked for a new password for {{email}}. Set it here within an hour:', values),
    values.link,
    t('If it was not you, do nothing: your password stays as it is.'),
    values.provider,
  ].join('\n\n')

const invitationText = (values: Record<string, string>, kind: 'invitation' | 'staff') =>
  [
    t('Hello {{name}},', values),
    kind === 'staff'
      ? t('{{provider}} has made an account for you, to work in its back office. Choose a password within seven days:', values)
      : t(
          '{{provider}} has made an account for you, where you see your subscriptions and addresses. Choose a password within seven days:',
          values,
        ),
    values.link,
    t('Then sign in as {{email}}.', values),
    values.provider,
  ].join('\n\n')
