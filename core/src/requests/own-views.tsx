import { eq } from 'drizzle-orm'
import type { Context } from 'hono'
import { raw } from 'hono/html'
import { textsOf } from '../accounts/form.ts'
import { fieldErrors, isCorrectable, readForm } from '../admin/form.tsx'
import { t } from '../app/i18n.ts'
import type { Input } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { memberOf } from '../members/queries.ts'
import { redirectTo } from '../web/reply.ts'
import { AskPage, ChoosePage } from './ask-page.tsx'
import { fieldsOf, loadedFieldsOf, parseFields } from './form-fields.ts'
import { kindLabel, kindsFor, ofKind } from './kinds.ts'
import { OwnRequestPage, OwnRequestsPage } from './own-pages.tsx'
import { askedOf, messagesOf, ownRequest, requestsOf } from './queries.ts'
import { ask, reply, withdraw } from './rules.ts'
import { type RequestRow, requests } from './tables.ts'
import { writtenErrors } from './written.ts'

/** The member who asks; the routes let nobody else come here. */
const memberId = () => currentScope().actor.memberId ?? 0

async function requestIn(c: Context): Promise<RequestRow> {
  const id = Number(c.req.param('id'))
  const request = Number.isSafeInteger(id) ? await ownRequest(c.var.coin.database.db, memberId(), id) : undefined
  if (!request) throw new CoinError('not_found', 'No page has this address, or it is not yours to see.')
  return request
}

/** What the member has asked for. */
const list: View = {
  path: '/requests',
  access: 'member',
  get: async c => <OwnRequestsPage requests={await requestsOf(c.var.coin.database.db, memberId())} />,
}

/** What members may ask for. */
const choose: View = {
  path: '/requests/new',
  access: 'member',
  get: async c => <ChoosePage kinds={(await allowedKinds(c)).map(({ kind: { name, icon }, app }) => ({ name, icon, app }))} />,
}

async function allowedKinds(c: Context) {
  const member = await memberOf(c.var.coin.database.db, memberId())
  return kindsFor(member?.status ?? 'pending')
}

async function kindIn(c: Context): Promise<string> {
  const kind = c.req.param('kind') ?? ''
  if (!(await allowedKinds(c)).some(({ kind: { name } }) => name === kind))
    throw new CoinError('not_found', 'No page has this address, or it is not yours to see.')
  return kind
}

/** The form of one kind of request. */
const asking: View = {
  path: '/requests/new/:kind',
  access: 'member',
  async get(c) {
    const kind = await kindIn(c)
    return show(c, kind, Object.fromEntries(fieldsOf(kind, 'fields').map(({ name }) => [name, c.req.query(name)])), '')
  },
  async post(c) {
    const kind = await kindIn(c)
    const { coin, actor } = c.var
    const typed = await readForm(c, fieldsOf(kind, 'fields'))
    const { message } = await textsOf(c, 'message')
    const parsed = await parseFields(kind, 'fields', typed, coin.database.db)
    const wrong = [...('errors' in parsed ? parsed.errors : []), ...messageErrors(kind, message)]
    if ('errors' in parsed || wrong.length > 0) return show(c, kind, typed, message, wrong)
    try {
      const id = await coin.transaction(actor, tx => ask(tx, kind, settled(parsed.values), message))
      return redirectTo(c, url('request:own', { id }), t('Your request is on its way to us. We answer by mail.'))
    } catch (error) {
      if (!isCoinError(error) || !isCorrectable(error)) throw error
      return show(
        c,
        kind,
        typed,
        message,
        ofKind(kind, () => fieldErrors(error, [...fieldsOf(kind, 'fields'), { name: 'message' }])),
      )
    }
  },
}

/** What was understood, as it is kept: two fields in columns of their own. */
function settled({ subscriptionId, offerId, ...wanted }: Input) {
  const idOf = (value: unknown) => (value === undefined || value === null || value === '' ? null : Number(value))
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null && value !== undefined))
  return { memberId: memberId(), subscriptionId: idOf(subscriptionId), offerId: idOf(offerId), wanted: given }
}

function messageErrors(kind: string, message: string): FieldError[] {
  const needed = ofKind(kind, ({ needsMessage }) => needsMessage ?? false)
  if (needed && message.trim() === '') return [{ field: 'message', message: 'Write what you want to ask for.' }]
  return writtenErrors('message', message)
}

async function show(
  c: Context,
  kind: string,
  values: Readonly<Record<string, unknown>>,
  message: string,
  errors: readonly FieldError[] = [],
) {
  const { db } = c.var.coin.database
  if (errors.length > 0) c.status(422)
  return (
    <AskPage
      kind={kind}
      title={kindLabel(kind)}
      fields={await loadedFieldsOf(kind, 'fields', db)}
      values={values}
      message={message}
      needsMessage={ofKind(kind, ({ needsMessage }) => needsMessage ?? false)}
      beside={await explained(kind, db)}
      errors={errors}
    />
  )
}

/** Rendered at once, while the words of the kind’s app hold. */
const explained = (kind: string, tx: Tx) =>
  ofKind(kind, async ({ explain }) => {
    const html = await explain?.(memberId(), tx)
    return html && raw(String(await html.toString()))
  })

/** One request of the member’s, with everything that was said. */
const own: View = {
  path: '/requests/:id{[0-9]+}',
  access: 'member',
  async get(c) {
    const request = await requestIn(c)
    return showOwn(c, request)
  },
}

async function showOwn(c: Context, request: RequestRow, text = '', errors: readonly FieldError[] = []) {
  const { db } = c.var.coin.database
  if (errors.length > 0) c.status(422)
  return (
    <OwnRequestPage
      request={request}
      asked={await askedOf(db, request)}
      messages={await messagesOf(db, request.id, { notes: false })}
      text={text}
      errors={errors}
    />
  )
}

/** The request as it is now, locked. */
async function locked(tx: Tx, id: number): Promise<RequestRow> {
  const [row] = await tx.select().from(requests).where(eq(requests.id, id)).for('update')
  if (!row) throw new CoinError('not_found', 'There is no such request.')
  return row
}

const message: View = {
  path: '/requests/:id{[0-9]+}/message',
  access: 'member',
  async post(c) {
    const request = await requestIn(c)
    const { text } = await textsOf(c, 'text')
    const wrong = writtenErrors('text', text)
    if (wrong.length > 0) return showOwn(c, request, text, wrong)
    try {
      await c.var.coin.transaction(c.var.actor, async tx => reply(tx, await locked(tx, request.id), text))
    } catch (error) {
      if (!isCoinError(error) || !isCorrectable(error)) throw error
      return showOwn(c, await requestIn(c), text, fieldErrors(error, [{ name: 'text' }]))
    }
    return redirectTo(c, url('request:own', { id: request.id }), t('Your message is on its way to us.'))
  },
}

const withdrawal: View = {
  path: '/requests/:id{[0-9]+}/withdraw',
  access: 'member',
  async post(c) {
    const request = await requestIn(c)
    const here = url('request:own', { id: request.id })
    try {
      await c.var.coin.transaction(c.var.actor, async tx => withdraw(tx, await locked(tx, request.id)))
    } catch (error) {
      if (!isCoinError(error) || !isCorrectable(error)) throw error
      return redirectTo(c, here, t(error.message, error.values), 'fail')
    }
    return redirectTo(c, here, t('The request is withdrawn.'))
  },
}

/** The member area’s pages of requests. */
export const ownViews = { list, choose, asking, own, message, withdraw: withdrawal }
