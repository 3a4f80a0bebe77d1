import { sql } from 'drizzle-orm'
import { raw } from 'hono/html'
import { cleanSearch } from '../admin/list-search.ts'
import { allows } from '../app/access.ts'
import { type AnyFinder, type Hit, partOfAName } from '../app/finder.ts'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { finderOf } from './resource-finder.ts'

/** What one finder found. Its words are translated. */
export interface Group {
  readonly name: string
  readonly label: string
  readonly icon: string | undefined
  readonly hits: readonly Hit[]
  /** There are others beyond these. */
  readonly more: boolean
  /** The path of the list with all of them. */
  readonly all: string | undefined
}

export interface Found {
  readonly text: string
  /** Each ends the sentence “Understood as …”. */
  readonly understood: readonly string[]
  /** The best first. */
  readonly groups: readonly Group[]
  /** The headings of what took too long, and of what failed. */
  readonly missing: readonly string[]
}

interface Asked {
  readonly app: string
  readonly finder: AnyFinder
  readonly as: string
  readonly value: unknown
  readonly certain: boolean
}

/** Nothing: it took too long, or failed. */
type Answer = Asked & { readonly hits: readonly Hit[] | undefined }

/** How long one finder may take, in milliseconds; and all of them, after which the others are not asked. */
const each = 600
const together = 2500

/** Asks every finder that understands the text and that the actor may use, in one transaction that only reads. `only`: one of them, by name. */
export async function searchAll(db: Tx, typed: string, limit: number, only?: string): Promise<Found> {
  const { registry } = currentScope()
  const text = cleanSearch(typed).replace(/\s+/g, ' ')
  const all = text === '' ? [] : findersOf(registry).flatMap(entry => askable(entry, text))
  const asked = all.some(({ certain }) => certain) ? all.filter(({ as }) => as !== partOfAName) : all
  const answers = await answersOf(
    db,
    asked.filter(({ finder }) => only === undefined || finder.name === only),
    limit,
  )
  const groups = answers.flatMap(answer => groupOf(answer, limit))
  const missing = answers.flatMap(({ app, finder, hits }) => (hits ? [] : [inWordsOf(app, finder.label)]))
  return {
    text,
    understood: readings(
      asked,
      groups.some(({ specific }) => !specific),
    ),
    groups: inOrder(groups),
    missing,
  }
}

/** The resources in the order of their apps, each by what stands in for it if there is such a finder; then all other finders. */
function findersOf(registry: Registry): { readonly app: string; readonly finder: AnyFinder }[] {
  const instead = new Map(registry.finders.map(entry => [entry.finder.name, entry]))
  const resources = [...registry.resources.values()].flatMap(({ app, resource }) => {
    const finder = finderOf(resource)
    return instead.get(resource.name) ?? (finder ? { app, finder } : [])
  })
  return [...resources, ...registry.finders.filter(({ finder }) => !registry.resources.has(finder.name))]
}

function askable({ app, finder }: { readonly app: string; readonly finder: AnyFinder }, text: string): Asked[] {
  if (!allows(finder.access, currentScope().actor, finder.narrows)) return []
  const understood = finder.understand(text)
  return understood ? [{ app, finder, as: understood.as, value: understood.value, certain: understood.certain === true }] : []
}

/** One after the other in a transaction that only reads. One that fails ends it, and the others go on in another: the page is worth more than one of them. */
async function answersOf(db: Tx, asked: readonly Asked[], limit: number): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  const end = performance.now() + together
  while (answers.length < asked.length) {
    const next = asked[answers.length] as Asked
    if (performance.now() >= end) answers.push({ ...next, hits: undefined })
    else
      await db
        .transaction(tx => askFrom(asked, answers, tx, limit, end), { accessMode: 'read only' })
        .catch(error => {
          const failed = asked[answers.length]
          if (!failed) throw error
          tell(failed.finder.name, error)
          answers.push({ ...failed, hits: undefined })
        })
  }
  return answers
}

/** For whoever runs Coin: a finder that is always slow lacks an index. */
function tell(name: string, error: unknown): void {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const slow = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '57014'
  console.error(slow ? `The finder ${name} took longer than ${each} ms` : `The finder ${name} failed:`, ...(slow ? [] : [cause]))
}

async function askFrom(asked: readonly Asked[], answers: Answer[], tx: Tx, limit: number, end: number): Promise<void> {
  await tx.execute(sql`SELECT set_config('statement_timeout', ${String(each)}, true), set_config('jit', 'off', true)`)
  for (const one of asked.slice(answers.length)) {
    if (performance.now() >= end) return
    answers.push({ ...one, hits: await withinScope({ app: one.app }, () => hitsOf(one, tx, limit + 1)) })
  }
}

/** Its states are rendered while its app's words hold. */
async function hitsOf({ finder, value }: Asked, tx: Tx, limit: number): Promise<readonly Hit[]> {
  const hits = await finder.find(value, tx, limit)
  return Promise.all(hits.map(async hit => (hit.state ? { ...hit, state: raw(String(await hit.state)) } : hit)))
}

function groupOf({ app, finder, as, value, hits = [] }: Answer, limit: number): (Group & { readonly specific: boolean })[] {
  if (hits.length === 0) return []
  return [
    {
      name: finder.name,
      label: inWordsOf(app, finder.label),
      icon: finder.icon,
      hits: hits.slice(0, limit),
      more: hits.length > limit,
      all: finder.all?.(value),
      specific: as !== partOfAName,
    },
  ]
}

const inWordsOf = (app: string, words: string) => withinScope({ app }, () => t(words))

/** What is special comes first; that it may be a name is worth saying only when it is one, or nothing else. */
function readings(asked: readonly Asked[], wordsFound: boolean): string[] {
  const special = asked.filter(({ as }) => as !== partOfAName)
  const shown = [...special, ...(wordsFound || special.length === 0 ? asked.filter(({ as }) => as === partOfAName) : [])]
  return [...new Set(shown.map(({ app, as }) => inWordsOf(app, as)))]
}

/** Exactly what was typed first, then what was understood as something special, then what merely has the words in it. */
const inOrder = (groups: readonly (Group & { readonly specific: boolean })[]): readonly Group[] =>
  groups
    .map(group => ({ group, rank: (group.hits.some(({ exact }) => exact) ? 0 : 2) + (group.specific ? 0 : 1) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ group: { specific: _, ...group } }) => group)
