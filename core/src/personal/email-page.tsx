import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { textsOf } from '../accounts/form.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { memberOf } from '../members/queries.ts'
import type { Member } from '../members/tables.ts'
import { Card, errorOf, Facts, Field, Form, Note, Page, Stack } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { type Addresses, askForEmail, confirmEmail, emailOf, tooOld, waitingEmail } from './email-change.ts'
import { type Proof, proofNeeded, proofProblem } from './proof.ts'
import { ProofField } from './proof-field.tsx'

async function ownMember(): Promise<Member> {
  const { actor, db } = currentScope()
  const member = actor.memberId === undefined ? undefined : await memberOf(db, actor.memberId)
  if (!member) throw new CoinError('not_found', 'This member does not exist.')
  return member
}

/** Another e-mail address, for mails and, if wanted, to sign in. */
export const email: View = {
  path: '/me/email',
  access: 'member',
  async get(c) {
    mayChange()
    return <EmailPage {...(await load(c, await ownMember()))} />
  },
  async post(c) {
    mayChange()
    const { coin, actor } = c.var
    const member = await ownMember()
    const typed = await textsOf(c, 'email', 'signsIn', 'password')
    const again = async (errors: readonly FieldError[]) => {
      c.status(422)
      return <EmailPage {...(await load(c, member))} value={typed.email} signsIn={typed.signsIn !== ''} errors={errors} />
    }
    const problem = await proofProblem(c, typed.password)
    if (problem) return again([problem])
    try {
      const asked = await coin.transaction(actor, tx => askForEmail(tx, member, typed.email, typed.signsIn !== ''))
      return redirectTo(
        c,
        url('personal:email'),
        t('Look into the mails of {{email}}: a link there confirms the address.', { email: asked }),
      )
    } catch (error) {
      if (!isCoinError(error) || error.fields.length === 0) throw error
      return again(error.fields)
    }
  },
}

/** Where the mailed link leads: a button, because programs that look at mails open links too. */
export const confirmEmailView: View = {
  path: '/me/email/confirm',
  access: 'member',
  async get(c) {
    const token = c.req.query('token') ?? ''
    const found = await emailOf(currentScope().db, (await ownMember()).id, token)
    if (!found) throw tooOld()
    return (
      <Page title={t('Confirm your e-mail address')} crumbs={[{ label: t('My details'), href: url('home:me') }]}>
        <Form action={url('personal:confirmEmail')} submit={t('Confirm')} hidden={{ token }} cancel={url('home:me')}>
          <p>
            {found.signsIn
              ? t('We write to {{email}} from now on, and you sign in with it.', { email: found.email })
              : t('We write to {{email}} from now on. You sign in as before.', { email: found.email })}
          </p>
        </Form>
      </Page>
    )
  },
  async post(c) {
    mayChange()
    const { token } = await textsOf(c, 'token')
    const member = await ownMember()
    const confirmed = await c.var.coin.transaction(c.var.actor, tx => confirmEmail(tx, member, token))
    return redirectTo(c, url('home:me'), t('Your e-mail address is {{email}} now.', { email: confirmed }))
  },
}

/** Whether members change it themselves is a setting. */
function mayChange(): void {
  if (!currentScope().registry.config.members.editable.includes('email'))
    throw new CoinError('forbidden', 'Only the provider changes e-mail addresses here.', { hint: 'Write to us.' })
}

interface Shown {
  readonly addresses: Addresses
  readonly waiting: string | undefined
  readonly needed: Proof
  readonly value?: string
  readonly signsIn?: boolean
  readonly errors?: readonly FieldError[]
}

async function load(c: Context, member: Member): Promise<Shown> {
  const { db } = currentScope()
  const { rows } = await db.execute<{ email: string }>(sql`SELECT email FROM auth."user" WHERE id = ${member.userId}`)
  return {
    addresses: { mails: member.email, signIn: rows[0]?.email ?? member.email },
    waiting: (await waitingEmail(db, member.id))?.email,
    needed: await proofNeeded(c),
  }
}

const EmailPage = ({ addresses, waiting, needed, value = '', signsIn = true, errors = [] }: Shown) => (
  <Page title={t('Change my e-mail address')} crumbs={[{ label: t('My details'), href: url('home:me') }]} errors={errors}>
    <Stack>
      {waiting && <Note tone="wait">{t('{{email}} waits to be confirmed: open the link that we mailed there.', { email: waiting })}</Note>}
      <Card title={t('Today')}>
        <Facts
          items={[
            { label: t('We write to'), value: addresses.mails },
            { label: t('You sign in as'), value: addresses.signIn },
          ]}
        />
      </Card>
      <Card title={t('From now on')} body={false}>
        <Form action={url('personal:email')} submit={t('Mail me the link')} frame="card-body" cancel={url('home:me')}>
          <Field
            name="email"
            kind="email"
            label={t('New e-mail address')}
            hint={t('We mail a link there. The address changes when you open it, and we tell the old one.')}
            value={value}
            autocomplete="email"
            error={errorOf(errors, 'email')}
          />
          <Field name="signsIn" kind="checkbox" label={t('I sign in with it too')} value={signsIn} />
          <ProofField needed={needed} errors={errors} />
        </Form>
      </Card>
    </Stack>
  </Page>
)
