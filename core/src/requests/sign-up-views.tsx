import { setTimeout } from 'node:timers/promises'
import type { Context } from 'hono'
import { textsOf } from '../accounts/form.ts'
import { checkedEmail } from '../accounts/rules.ts'
import { type LoadedField, loadFields, settleFields } from '../admin/fields.ts'
import { readForm } from '../admin/form.tsx'
import { parseInput } from '../admin/parse-input.ts'
import { systemActor } from '../app/access.ts'
import { t } from '../app/i18n.ts'
import type { Field } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { memberConstraints } from '../members/constraints.ts'
import { memberFields } from '../members/fields.ts'
import type { NewMember } from '../members/rules.ts'
import { members } from '../members/tables.ts'
import { redirectTo } from '../web/reply.ts'
import { bucketOfAddress, bucketOfEmail, isTooMany } from './attempts.ts'
import { askableOffers } from './choices.ts'
import { confirmSignUp, emailOfSignUp, startSignUp, termsFor } from './sign-up.ts'
import { ConfirmedPage, ConfirmPage, SentPage, SignUpPage } from './sign-up-page.tsx'
import { writtenErrors } from './written.ts'

const personNames = [
  'kind',
  'firstName',
  'lastName',
  'organizationName',
  'email',
  'mobilePhone',
  'address',
  'postalCode',
  'city',
  'country',
  'language',
] as const
const longestAnswer = 500

const wishFields: Readonly<Record<string, Field>> = {
  offerId: { label: 'What you would like to subscribe to', kind: 'choice', choices: askableOffers, help: 'You can decide later as well' },
  message: { label: 'Message', kind: 'textarea' },
}

const settled = () => settleFields(members, { ...memberFields, ...wishFields }, [...personNames, 'offerId', 'message'])

async function loaded(c: Context): Promise<LoadedField[]> {
  const fields = await loadFields(c.var.coin.registry, c.var.coin.database.db, settled(), async () => [])
  return fields
    .filter(({ name, choices }) => name !== 'offerId' || (choices?.length ?? 0) > 0)
    .map(field =>
      field.name === 'language' && field.choices ? { ...field, choices: field.choices.filter(({ value }) => value !== '') } : field,
    )
}

/** As if there were no such page, while signing up is closed. */
function requireOpen() {
  if (currentScope().registry.config.members.signUp !== 'open')
    throw new CoinError('not_found', 'No page has this address, or it is not yours to see.')
}

const signUp: View = {
  path: '/sign-up',
  access: 'public',
  async get(c) {
    requireOpen()
    const { actor, locale, registry } = currentScope()
    if (actor.memberId !== undefined) return c.redirect(url('home:home'), 302)
    const values = { kind: 'natural', country: registry.config.provider.country, language: locale }
    return <SignUpPage fields={await loaded(c)} values={values} />
  },
  async post(c) {
    requireOpen()
    const { coin } = c.var
    const fields = await loaded(c)
    const typed = await readForm(c, fields)
    const { website, agreed } = await textsOf(c, 'website', 'agreed')
    const values = { ...typed, agreed: agreed === '' ? '' : 'true' }
    const { db } = coin.database
    const parsed = await parseInput(coin.registry, db, settled(), typed, 'add')
    const misread = parsed.ok ? [] : parsed.errors
    const shape = shapeErrors(parsed.ok ? parsed.values : typed).filter(({ field }) => !misread.some(other => other.field === field))
    const wrong = [...misread, ...shape, ...wordErrors(typed, agreed)]
    if (!parsed.ok || wrong.length > 0) return c.html(<SignUpPage fields={fields} values={values} errors={wrong} />, 422)
    if (await isTooMany(db, bucketOfAddress(c.var.address), 10, 1)) {
      const errors: FieldError[] = [{ field: '', message: 'Too many requests came from where you are. Try again in an hour.' }]
      return c.html(<SignUpPage fields={fields} values={values} errors={errors} />, 429)
    }
    const { offerId, message, ...person } = parsed.values
    const given = { ...person, email: checkedEmail(String(person.email)) } as NewMember
    const wished = { person: given, offerId: offerId ? Number(offerId) : null, message: String(message ?? '') }
    // neither its time nor its words tell what became of it: a known address, a program in the trap, an address that gets mails already
    const work = async () => {
      if (website !== '' || (await isTooMany(db, bucketOfEmail(given.email), 3, 24))) return
      await coin.transaction(systemActor('sign-up'), tx => startSignUp(tx, wished))
    }
    await Promise.all([work(), setTimeout(pause)])
    return redirectTo(c, url('request:sent'))
  },
}

/** Longer than writing a mail takes. */
const pause = 300

/** What the database would say when the member is made, said before anything is mailed. */
function shapeErrors(values: Readonly<Record<string, unknown>>): FieldError[] {
  const is = values.kind === 'legal' ? ('member_legal_has_organization' as const) : ('member_natural_has_name' as const)
  const named = values.kind === 'legal' ? values.organizationName : values.lastName
  const found: FieldError[] = []
  if (!named) {
    const { field = '', message } = memberConstraints[is] ?? { message: 'This is required.' }
    found.push({ field, message })
  }
  try {
    checkedEmail(String(values.email))
  } catch (error) {
    if (!isCoinError(error)) throw error
    found.push(...error.fields)
  }
  return found
}

function wordErrors(typed: Readonly<Record<string, string | undefined>>, agreed: string): FieldError[] {
  const { message = '', ...short } = typed
  return [
    ...Object.entries(short).flatMap(([field, text = '']) =>
      text.length > longestAnswer
        ? [{ field, message: 'This is longer than {{count}} characters.', values: { count: longestAnswer } }]
        : [],
    ),
    ...writtenErrors('message', message),
    ...(agreed === '' && termsFor(currentScope().locale)
      ? [{ field: 'agreed', message: 'Read what you agree to, and tick the box.' }]
      : []),
  ]
}

const sent: View = {
  path: '/sign-up/sent',
  access: 'public',
  get() {
    requireOpen()
    return <SentPage />
  },
}

const confirm: View = {
  path: '/sign-up/confirm',
  access: 'public',
  async get(c) {
    requireOpen()
    c.header('Cache-Control', 'no-store')
    c.header('Referrer-Policy', 'no-referrer')
    const token = c.req.query('token') ?? ''
    return <ConfirmPage token={token} email={await emailOfSignUp(c.var.coin.database.db, token)} />
  },
  async post(c) {
    requireOpen()
    const { token } = await textsOf(c, 'token')
    try {
      await c.var.coin.transaction(systemActor('sign-up'), tx => confirmSignUp(tx, token))
    } catch (error) {
      if (!isCoinError(error) || error.code !== 'refused') throw error
      return redirectTo(
        c,
        url('accounts:signIn'),
        [t(error.message, error.values), error.hint && t(error.hint)].filter(Boolean).join(' '),
        'fail',
      )
    }
    return redirectTo(c, url('request:confirmed'))
  },
}

const confirmed: View = {
  path: '/sign-up/confirmed',
  access: 'public',
  get() {
    requireOpen()
    return <ConfirmedPage />
  },
}

/** How somebody becomes a pending member by themselves. */
export const signUpViews = { signUp, sent, confirm, confirmed }
