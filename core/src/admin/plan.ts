import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { ChangePlan, Moved, PlannedChange } from '../app/plan.ts'
import type { Coin } from '../coin.ts'
import { type CoinError, isCoinError } from '../errors.ts'
import { isCorrectable } from './form.tsx'

/** What the button that was pressed asks for: to save, to look at the plan first, to apply what the plan has shown, or to type again. */
export type Step = { readonly kind: 'save' | 'review' | 'edit' } | { readonly kind: 'apply'; readonly hash: string }

/** The step of a form that was sent. */
export async function readStep(c: Context): Promise<Step> {
  const { 'coin.plan': plan, 'coin.planned': planned } = await c.req.parseBody()
  if (plan === 'apply') return { kind: 'apply', hash: typeof planned === 'string' ? planned : '' }
  return { kind: plan === 'review' || plan === 'edit' ? plan : 'save' }
}

/** What was sent, to be sent again from the page of the plan. */
export async function sentFields(c: Context): Promise<Record<string, string>> {
  const { 'coin.plan': _plan, 'coin.planned': _planned, ...sent } = await c.req.parseBody()
  return Object.fromEntries(Object.entries(sent).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
}

export interface Shown {
  readonly plan: ChangePlan
  /** What is not as it was when the plan was shown before; undefined for the first time. */
  readonly moved?: readonly Moved[] | undefined
}
export type Outcome<R> = { readonly done: R } | { readonly error: CoinError } | Shown

/** Does what the step asks for: changes, or works out what the change would do. A refusal that the form can show is an outcome. */
export async function carryOut<R>(coin: Coin, step: Step, input: unknown, change: PlannedChange<R>): Promise<Outcome<R>> {
  try {
    if (step.kind === 'apply') return await coin.planner.apply(input, change, step.hash)
    if (step.kind === 'review') return { plan: await coin.planner.plan(input, change) }
    return { done: await change(coin) }
  } catch (error) {
    if (isCoinError(error) && isCorrectable(error)) return { error }
    throw error
  }
}

const reasons: Readonly<Record<Moved, string>> = {
  stored: 'what is stored was changed',
  money: 'something else would be billed',
  addresses: 'other addresses are concerned',
  wanted: 'something else would be sent',
  observed: 'a target holds something else, or answers differently',
}

/** What has moved, as a part of a sentence. */
export const movedWords = (moved: readonly Moved[]): string => moved.map(part => t(reasons[part])).join(', ')
