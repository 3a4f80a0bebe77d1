import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { memberOf } from '../members/queries.ts'
import { greetingName } from '../members/rules.ts'
import type { Member } from '../members/tables.ts'
import { sendMail } from '../system/mail.ts'
import { formatDate } from '../ui/index.ts'
import { lockErasure } from './erasures.ts'
import { type Forgotten, forget } from './forget.ts'
import { kindsOf, termOf } from './kinds.ts'
import { termWords } from './term-words.ts'

/** Carries a request out: what the law lets go is erased, what is kept is written down, and a last mail tells both. */
export async function carryOut(tx: Tx, id: number): Promise<readonly Forgotten[]> {
  const member = await lockedMember(tx, id)
  await tx.execute(sql`UPDATE erasure_request SET state = 'done', decided_at = now() WHERE id = ${id}`)
  const done = await forget(tx, member.id)
  await writeParts(tx, id, done)
  // after the mails were erased, so that this one is not
  await mailTo(tx, member, id, () => receiptOf(member, done))
  return done
}

/** Says no, with the reason, by mail too. */
export async function refuseErasure(tx: Tx, id: number, reason: string): Promise<void> {
  const why = reason.trim()
  if (why === '') throw invalid('reason', 'Say why: the member is told.')
  const member = await lockedMember(tx, id)
  await tx.execute(sql`UPDATE erasure_request SET state = 'refused', reason = ${why}, decided_at = now() WHERE id = ${id}`)
  await mailTo(tx, member, id, () => ({
    subject: t('Your data at {{provider}}: we cannot erase them now', { provider: currentScope().registry.providerName }),
    text: [
      t('Hello {{name}},', { name: greetingName(member) }),
      t('You asked us to erase what we hold about you. We cannot do that now:'),
      why,
      t('You may complain to the data protection authority of your country, in France the CNIL (www.cnil.fr).'),
      currentScope().registry.providerName,
    ].join('\n\n'),
  }))
}

/** What happened to each kind, kept for the receipt and for the job that erases the rest when its time has come. */
export const writeParts = (tx: Tx, id: number, parts: readonly Forgotten[]) =>
  tx.execute(sql`
    INSERT INTO erasure_part AS p (request_id, name, erased, kept_until)
    SELECT ${id}, name, erased, "keptUntil" FROM jsonb_to_recordset(${JSON.stringify(parts)}::jsonb) AS d (name text, erased bigint, "keptUntil" date)
    ON CONFLICT (request_id, name) DO UPDATE SET erased = p.erased + excluded.erased, kept_until = excluded.kept_until, at = now()`)

async function lockedMember(tx: Tx, id: number): Promise<Member> {
  const { memberId } = await lockErasure(tx, id)
  const member = await memberOf(tx, memberId)
  if (!member) throw new CoinError('not_found', 'This member does not exist.')
  return member
}

/** What is written to somebody who is about to be nobody here any more: their address goes with the mail, once it was sent. */
const mailTo = (tx: Tx, member: Member, id: number, write: () => { readonly subject: string; readonly text: string }) =>
  withinScope({ locale: member.language || currentScope().registry.config.provider.language, app: 'personal' }, () =>
    sendMail(tx, { to: member.email, ...write(), openpgpKey: member.openpgpKey, secret: true, about: { kind: 'erasure', id } }),
  )

function receiptOf(member: Member, done: readonly Forgotten[]) {
  const { registry } = currentScope()
  const { providerName: provider } = registry
  const kinds = kindsOf(registry)
  const kept = done.flatMap(({ name, keptUntil }) => {
    const kind = kinds.find(({ data }) => data.name === name)
    if (!kind || !keptUntil) return []
    const term = termWords(termOf(kind, registry))
    return [
      keptUntil === 'infinity'
        ? `- ${t(kind.data.label)}: ${term}`
        : `- ${t(kind.data.label)}: ${t('until {{date}}', { date: formatDate(keptUntil) })}. ${term}`,
    ]
  })
  return {
    subject: t('Your data at {{provider}} are erased', { provider }),
    text: [
      t('Hello {{name}},', { name: greetingName(member) }),
      t(
        'We have erased what we held about you: your name, how to reach you, your account, how your lines were set up, and what we wrote to you.',
      ),
      ...(kept.length > 0 ? [t('The law makes us keep the rest for some time. Then it is erased too, by itself:'), kept.join('\n')] : []),
      t('This is the last mail that we write to this address.'),
      provider,
    ].join('\n\n'),
  }
}
