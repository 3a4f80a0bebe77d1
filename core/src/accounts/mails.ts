import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { sendMail } from '../system/mail.ts'
import { publicOrigin } from '../web/origin.ts'

interface Recipient {
  readonly email: string
  readonly name: string
  readonly language: string
}

/** Mails the link that sets a password, in the recipient's language: on their own wish, or because they are invited. */
export function mailPasswordLink(tx: Tx, kind: 'reset' | 'invitation', to: Recipient, token: string): Promise<void> {
  const { registry, basePath } = currentScope()
  const locale = to.language || registry.config.provider.language
  return withinScope({ locale, app: 'accounts' }, () => {
    const values = {
      name: to.name,
      provider: registry.providerName,
      link: `${publicOrigin()}${basePath}/reset?token=${token}`,
      email: to.email,
    }
    const text = kind === 'reset' ? resetText(values) : invitationText(values)
    const subject = kind === 'reset' ? t('A new password for {{provider}}', values) : t('Your account at {{provider}}', values)
    return sendMail(tx, { to: to.email, subject, text, secret: true })
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

const invitationText = (values: Record<string, string>) =>
  [
    t('Hello {{name}},', values),
    t(
      '{{provider}} has made an account for you, where you see your subscriptions and addresses. Choose a password within seven days:',
      values,
    ),
    values.link,
    t('Then sign in as {{email}}.', values),
    values.provider,
  ].join('\n\n')
