import { t } from '../app/i18n.ts'
import { withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { sendMail } from '../system/mail.ts'
import { linkTo, type Reader, readerOf, valuesFor } from './reader.ts'
import type { Answer } from './rules.ts'
import type { RequestRow } from './tables.ts'

/** What happened to a request that who asked is told of. */
export type Step = 'received' | 'answered' | 'asked_back' | 'accepted' | 'refused' | 'withdrawn'

/** Tells who asked, in their language and encrypted to their key, with the words of staff when there are some. */
export async function mailMember(tx: Tx, request: RequestRow, step: Step, said?: Answer): Promise<void> {
  const reader = await readerOf(tx, request)
  if (!reader) return
  await withinScope({ locale: reader.language, app: 'request' }, () => {
    const values = valuesFor(request, reader)
    const text = said?.text.trim()
    return sendMail(tx, {
      to: reader.email,
      subject: oneLine(said?.subject) || subjects[step](values),
      text: [text || opening(step, values), ...closing(step, request, reader), values.provider].join('\n\n'),
      openpgpKey: reader.openpgpKey,
      language: reader.language,
      about: { kind: 'request', id: request.id },
    })
  })
}

type Values = Readonly<Record<string, string>>

const subjects: Readonly<Record<Step, (values: Values) => string>> = {
  received: values => t('We have your request: {{request}}', values),
  answered: values => t('An answer to your request: {{request}}', values),
  asked_back: values => t('A question about your request: {{request}}', values),
  accepted: values => t('Accepted: {{request}}', values),
  refused: values => t('Refused: {{request}}', values),
  withdrawn: values => t('Withdrawn: {{request}}', values),
}

/** What is said when nobody wrote anything. */
function opening(step: Step, values: Values): string {
  const hello = t('Hello {{name}},', values)
  if (step === 'accepted') return [hello, t('we have accepted your request “{{request}}”.', values)].join('\n\n')
  if (step === 'withdrawn')
    return [hello, t('your request “{{request}}” is withdrawn, as you wanted. Nothing else has changed.', values)].join('\n\n')
  return [hello, t('we have received your request “{{request}}”. Somebody looks at it, and we answer by mail.', values)].join('\n\n')
}

/** Where it goes on: on the site, for those who can sign in. */
function closing(step: Step, request: RequestRow, reader: Reader): string[] {
  if (!reader.hasAccount) return step === 'asked_back' ? [t('Answer this mail.')] : []
  const link = linkTo(request)
  return [
    step === 'asked_back' ? t('Answer here: {{link}}', { link }) : t('Your request, and everything that was said: {{link}}', { link }),
  ]
}

/** A header is one line. */
const oneLine = (text = '') => text.replace(/\s+/g, ' ').trim().slice(0, 200)
