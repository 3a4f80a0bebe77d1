import type { Context } from 'hono'
import { textsOf } from '../accounts/form.ts'
import { requireRow } from '../admin/find.ts'
import { fieldErrors, readForm, readVersion } from '../admin/form.tsx'
import { carryOut, readStep, sentFields } from '../admin/plan.ts'
import { PlanPage } from '../admin/plan-page.tsx'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, type FieldError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { crumbsOf, type Dealing, DealPage, titleOf, verbOf } from './deal-page.tsx'
import { fieldsOf, loadedFieldsOf, parseFields } from './form-fields.ts'
import { forKind, isOnlyAnswered, kindIfAny, ofKind } from './kinds.ts'
import { messagesOf } from './queries.ts'
import { requestResource } from './resource.tsx'
import { accept, answer, assign, lockRequest, note, refuse } from './rules.ts'
import type { RequestRow } from './tables.ts'
import { type DealStep, draftsFor, languageOf } from './templates.ts'

const pathOf = (id: number) => sitePath(`/admin/requests/${id}`)

/** The request that the address names, when who asks may see it. */
async function requestIn(c: Context): Promise<RequestRow> {
  const id = Number(c.req.param('id'))
  return (await requireRow(requestResource, Number.isSafeInteger(id) ? id : undefined, c.var.coin.database.db)) as unknown as RequestRow
}

/** Staff accept, refuse or answer a request. */
const deal = (step: DealStep): View => ({
  path: `/admin/requests/:id{[0-9]+}/${step}`,
  access: 'request.change',
  narrows: true,
  async get(c) {
    const request = await requestIn(c)
    if (request.state !== 'open' && request.state !== 'waiting')
      return redirectTo(c, pathOf(request.id), t('This request has its answer already.'), 'fail')
    return show(c, request, step)
  },
  async post(c) {
    const request = await requestIn(c)
    const { subject, text, waiting } = await textsOf(c, 'subject', 'text', 'waiting')
    const fields = step === 'accept' ? fieldsOf(request.kind, 'settles') : []
    const raw = await readForm(c, fields)
    const dealing: Dealing = { settled: raw, subject, text, waiting: waiting !== '' }
    const press = await readStep(c)
    if (press.kind === 'edit') return show(c, request, step, dealing)
    const { coin, actor } = c.var
    const parsed = step === 'accept' ? await parseFields(request.kind, 'settles', raw, coin.database.db) : { values: {} }
    if ('errors' in parsed) return show(c, request, step, dealing, parsed.errors)
    const version = (await readVersion(c)) ?? request.version
    const input = { [step]: request.id, version, values: parsed.values, subject, text }
    const result = await carryOut(coin, press, input, writer =>
      writer.transaction(actor, async tx => {
        const locked = await lockRequest(tx, requestResource, request.id, version)
        if (step === 'accept') return accept(tx, locked, parsed.values, { subject, text })
        return step === 'refuse' ? refuse(tx, locked, { subject, text }) : answer(tx, locked, { subject, text, waiting: dealing.waiting })
      }),
    )
    if ('error' in result) return show(c, await requestIn(c), step, dealing, told(result.error, request.kind, fields), result.error)
    if ('plan' in result) {
      c.status(result.moved ? 409 : 200)
      return (
        <PlanPage
          title={titleOf(step, request.kind)}
          crumbs={crumbsOf(request)}
          plan={result.plan}
          moved={result.moved}
          action={`${pathOf(request.id)}/${step}`}
          sent={await sentFields(c)}
          submit={verbOf(step, request.kind)}
          cancel={pathOf(request.id)}
          editable
        />
      )
    }
    return redirectTo(c, pathOf(request.id), doneOf(step, request))
  },
})

function doneOf(step: DealStep, { kind, asker }: RequestRow): string {
  if (step === 'refuse') return t('Refused. {{name}} is told by mail.', { name: asker })
  return step === 'answer' || isOnlyAnswered(kind)
    ? t('The answer is on its way to {{name}}.', { name: asker })
    : t('Accepted. {{name}} is told by mail.', { name: asker })
}

/** A refusal in the words of the kind’s app, or in ours. */
const told = (error: CoinError, kind: string, fields: readonly { readonly name: string }[]): readonly FieldError[] => {
  const say = () => fieldErrors(error, [...fields, { name: 'subject' }, { name: 'text' }])
  return kindIfAny(kind) ? ofKind(kind, say) : say()
}

async function show(
  c: Context,
  request: RequestRow,
  step: DealStep,
  typed?: Dealing,
  errors: readonly FieldError[] = [],
  refused?: CoinError,
) {
  const { db } = c.var.coin.database
  const drafts = await draftsFor(db, request, step)
  const language = await languageOf(db, request)
  const asked = c.req.query('template')
  const chosen =
    asked === undefined && step !== 'answer'
      ? drafts.find(draft => draft.language === language)
      : drafts.find(({ id }) => String(id) === asked)
  const known = kindIfAny(request.kind)
  if (step === 'accept' && !known) throw new CoinError('not_found', 'The app that knows requests of this kind is not installed.')
  if (errors.length > 0) c.status(refused?.code === 'conflict' ? 409 : 422)
  return (
    <DealPage
      request={request}
      step={step}
      fields={step === 'accept' ? await loadedFieldsOf(request.kind, 'settles', db) : []}
      dealing={
        typed ?? {
          settled: step === 'accept' ? await proposedFor(request, db) : {},
          subject: chosen?.subject ?? '',
          text: chosen?.text ?? '',
          waiting: false,
        }
      }
      drafts={drafts}
      chosen={chosen?.id}
      language={language}
      messages={await messagesOf(db, request.id, { notes: true })}
      planned={known?.kind.planned ?? false}
      errors={errors}
      conflict={refused?.code === 'conflict'}
    />
  )
}

const proposedFor = (request: RequestRow, tx: Tx) => ofKind(request.kind, async kind => (await kind.proposed?.(forKind(request), tx)) ?? {})

const noteView: View = {
  path: '/admin/requests/:id{[0-9]+}/note',
  access: 'request.change',
  narrows: true,
  async post(c) {
    const { id } = await requestIn(c)
    const { text } = await textsOf(c, 'text')
    if (text.trim() === '') return redirectTo(c, pathOf(id), t('Write something.'), 'fail')
    await c.var.coin.transaction(c.var.actor, async tx => note(tx, await lockRequest(tx, requestResource, id), text))
    return redirectTo(c, pathOf(id), t('The note is kept.'))
  },
}

const assignView: View = {
  path: '/admin/requests/:id{[0-9]+}/assign',
  access: 'request.change',
  narrows: true,
  async post(c) {
    const { id } = await requestIn(c)
    const { to } = await textsOf(c, 'to')
    const version = await readVersion(c)
    const { userId } = currentScope().actor
    try {
      await c.var.coin.transaction(c.var.actor, async tx =>
        assign(tx, await lockRequest(tx, requestResource, id, version), to === 'me' ? (userId ?? null) : null),
      )
    } catch (error) {
      if (!(error instanceof CoinError) || error.code !== 'conflict') throw error
      return redirectTo(c, pathOf(id), t(error.message, error.values), 'fail')
    }
    return redirectTo(c, pathOf(id))
  },
}

/** What staff do with a request. */
export const dealViews = {
  accept: deal('accept'),
  refuse: deal('refuse'),
  answer: deal('answer'),
  note: noteView,
  assign: assignView,
}
