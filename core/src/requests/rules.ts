import { eq, sql } from 'drizzle-orm'
import { visibleTo } from '../admin/find.ts'
import type { Asking } from '../app/request-kind.ts'
import type { AnyResource, Input } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { requireFew } from './attempts.ts'
import { forKind, isOnlyAnswered, kindIfAny, ofKind } from './kinds.ts'
import { mailMember } from './mails.ts'
import { tellStaff } from './staff-mails.ts'
import { type RequestRow, type RequestState, requestMessages, requests } from './tables.ts'

/** What staff write to who asked. Without a text the mail says what happened, and no more. */
export interface Answer {
  readonly subject?: string | undefined
  readonly text: string
}

/** Adds a request of a member, tells staff, and confirms it by mail. Gives its id. */
export async function ask(tx: Tx, kind: string, asking: Asking, message: string): Promise<number> {
  await requireFew(tx, asking.memberId)
  await ofKind(kind, async ({ check }) => check?.(asking, tx))
  return addRequest(tx, kind, asking, message)
}

/** The same without the checks of its kind. */
export async function addRequest(tx: Tx, kind: string, asking: Asking, message: string): Promise<number> {
  const asker = sql<string>`(SELECT display_name FROM member WHERE id = ${asking.memberId})`
  const [row] = await tx
    .insert(requests)
    .values({ kind, ...asking, asker })
    .returning()
  const request = row as RequestRow
  await say(tx, request.id, { author: 'member', state: 'open', text: message })
  await mailMember(tx, request, 'received')
  await tellStaff(tx, request, 'asked', message)
  return request.id
}

/** The request, locked until `tx` ends, when the actor may deal with it and nobody has changed it since `version`. */
export async function lockRequest(tx: Tx, resource: AnyResource, id: number, version?: number): Promise<RequestRow> {
  const [row] = await tx
    .select()
    .from(requests)
    .where(sql`${requests.id} = ${id} AND ${visibleTo(resource, currentScope().actor, 'change')}`)
    .for('update')
  if (!row) throw new CoinError('not_found', 'There is no such request.')
  if (version !== undefined && row.version !== version) throw await changedMeanwhile(tx, id)
  return row
}

/** Staff accept: what was asked for is done, and who asked is told. Where there is nothing to do, they answer for the last time. */
export async function accept(tx: Tx, request: RequestRow, settled: Input, answer: Answer): Promise<void> {
  if (isOnlyAnswered(request.kind)) requireText(answer.text)
  await become(tx, request, 'accepted', 'staff', answer.text)
  await mailMember(tx, request, isOnlyAnswered(request.kind) ? 'answered' : 'accepted', answer)
  await ofKind(request.kind, async kind => kind.accept?.(forKind(request), settled, tx))
}

/** Staff refuse, and say why. */
export async function refuse(tx: Tx, request: RequestRow, answer: Answer): Promise<void> {
  requireText(answer.text)
  await become(tx, request, 'refused', 'staff', answer.text)
  await mailMember(tx, request, 'refused', answer)
  await kindIfAny(request.kind)?.kind.refuse?.(forKind(request), tx)
}

/** Staff write to who asked; `waiting`: and go on when they have answered. */
export async function answer(tx: Tx, request: RequestRow, { waiting, ...said }: Answer & { readonly waiting: boolean }): Promise<void> {
  requireText(said.text)
  await become(tx, request, waiting ? 'waiting' : 'open', 'staff', said.text)
  await mailMember(tx, request, waiting ? 'asked_back' : 'answered', said)
}

/** Staff note something for themselves. */
export async function note(tx: Tx, request: RequestRow, text: string): Promise<void> {
  requireText(text)
  await say(tx, request.id, { author: 'note', text })
}

/** Somebody looks after it, or nobody in particular. */
export const assign = (tx: Tx, request: RequestRow, userId: string | null): Promise<unknown> =>
  tx.update(requests).set({ assignedTo: userId }).where(eq(requests.id, request.id))

/** The member adds something: it is open again. */
export async function reply(tx: Tx, request: RequestRow, text: string): Promise<void> {
  requireText(text)
  await requireFew(tx, request.memberId)
  await become(tx, request, 'open', 'member', text)
  await tellStaff(tx, request, 'replied', text)
}

/** The member does not want it any more. */
export async function withdraw(tx: Tx, request: RequestRow): Promise<void> {
  await become(tx, request, 'withdrawn', 'member', '')
  await mailMember(tx, request, 'withdrawn')
  await tellStaff(tx, request, 'withdrawn', '')
}

async function become(tx: Tx, request: RequestRow, state: RequestState, author: 'member' | 'staff', text: string) {
  requireOpen(request)
  // also when the state stays: who has the page open from before is told that something was said
  await tx.update(requests).set({ state }).where(eq(requests.id, request.id))
  await say(tx, request.id, { author, text, ...(state !== request.state && { state }) })
}

/** What nobody deals with any more takes no answer. The database refuses the same to every writer. */
function requireOpen({ state }: RequestRow) {
  if (state === 'accepted') throw new CoinError('refused', 'This request was accepted already.', { hint: 'Make another one.' })
  if (state === 'refused') throw new CoinError('refused', 'This request was refused already.', { hint: 'Make another one.' })
  if (state === 'withdrawn') throw new CoinError('refused', 'This request was withdrawn already.', { hint: 'Make another one.' })
}

const longest = 20_000

function requireText(text: string) {
  if (text.trim() === '') throw invalid('text', 'Write something.')
  if (text.length > longest) throw invalid('text', 'This is longer than {{count}} characters.', { count: longest })
}

const say = (tx: Tx, requestId: number, message: Omit<typeof requestMessages.$inferInsert, 'requestId' | 'writtenBy' | 'at'>) =>
  tx.insert(requestMessages).values({ requestId, writtenBy: currentScope().actor.label, ...message, text: message.text?.trim() ?? '' })

async function changedMeanwhile(tx: Tx, id: number): Promise<CoinError> {
  const { rows } = await tx.execute<{ by: string }>(
    sql`SELECT by FROM (SELECT written_by AS by, at FROM request_message WHERE request_id = ${id}
      UNION ALL SELECT actor ->> 'label', at FROM coin.history WHERE table_name = 'request' AND row_id = ${id}) AS done ORDER BY at DESC LIMIT 1`,
  )
  return new CoinError('conflict', '{{by}} has dealt with this request meanwhile.', {
    values: { by: rows[0]?.by ?? '' },
    hint: 'Look at it as it is now. What you typed is kept below.',
  })
}
