import { sql } from 'drizzle-orm'
import { planLines } from '../admin/plan-lines.ts'
import type { AnyBackend, Difference, Json } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { loadConfigurations } from '../configurations/queries.ts'
import { visible } from '../db/storable.ts'
import { CoinError } from '../errors.ts'
import { serves, wantOf } from '../provisioning/backends.ts'
import { compare } from '../provisioning/compare.ts'
import { maskDifferences, withoutSecrets } from '../provisioning/mask.ts'
import { wordsOf } from '../provisioning/messages.ts'
import { readTarget } from '../provisioning/read-target.ts'
import type { CliContext } from './context.ts'
import { usage } from './failure.ts'
import { chosenBackends, differs, idOf } from './sync-common.ts'

interface PlanOptions {
  readonly backend?: string
  readonly configuration?: string
  readonly subscription?: string
}

interface Change {
  readonly backend: string
  readonly configuration: number
  readonly key: string
  readonly change: 'add' | 'change' | 'remove' | 'unknown'
  /** Secrets masked. */
  readonly difference: readonly Difference[]
  readonly error?: string
}

/** Configurations read together. */
const page = 500

/** Prints what a run would change, as it is found; changes nothing. The exit code says whether there is anything. */
export async function showPlan(context: CliContext, options: PlanOptions): Promise<void> {
  context.subject = 'sync'
  await context.withCoin(async coin => {
    const backends = chosenBackends(coin.registry, options.backend)
    const only = await configurationOf(coin, options)
    const all: Change[] = []
    let [count, unreadable] = [0, 0]
    for (const backend of backends) {
      for await (const change of changesOf(coin, backend, only)) {
        if (change.change === 'unknown') unreadable++
        else count++
        if (context.json) all.push(change)
        else process.stdout.write(`${visible(told(change))}\n`)
      }
    }
    if (context.json) process.stdout.write(`${JSON.stringify({ changes: all }, null, 2)}\n`)
    else if (count + unreadable === 0) process.stdout.write('Nothing would change.\n')
    else process.stdout.write(`${count} would change${unreadable > 0 ? `; ${unreadable} cannot be told` : ''}.\n`)
    if (count + unreadable > 0) context.exitCode = differs
  })
}

async function configurationOf({ database: { db } }: Coin, { configuration, subscription }: PlanOptions): Promise<number | undefined> {
  if (configuration !== undefined && subscription !== undefined)
    throw usage('--configuration and --subscription say the same.', 'Give one of them.')
  if (configuration === undefined && subscription === undefined) return undefined
  const id = configuration === undefined ? undefined : idOf(configuration, '--configuration')
  const { rows } = await db.execute<{ id: number }>(sql`
    SELECT c.id FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE ${id === undefined ? sql`s.reference = ${subscription}` : sql`c.id = ${id}`}
    UNION SELECT configuration_id FROM provisioning_state WHERE configuration_id = ${id ?? null}`)
  if (rows[0]) return Number(rows[0].id)
  throw new CoinError(
    'not_found',
    id === undefined ? 'The subscription {{which}} has no configuration, or there is none.' : 'There is no configuration {{which}}.',
    {
      values: { which: String(id ?? subscription).slice(0, 80) },
    },
  )
}

interface Place {
  readonly id: number
  readonly key: string
  readonly desired: Json | undefined
}

/** What differs on one backend: page after page, so that any number fits. */
async function* changesOf(coin: Coin, backend: AnyBackend, only: number | undefined): AsyncGenerator<Change> {
  const { db } = coin.database
  for (let last: number | undefined; ; ) {
    const { rows } = await db.execute<{ id: number; key: string | null; exists: boolean }>(sql`
      SELECT id, max(key) AS key, bool_or(exists) AS exists FROM (
        SELECT configuration_id AS id, key, false AS exists FROM provisioning_state WHERE backend = ${backend.name}
        UNION ALL SELECT id, NULL, true FROM configuration) AS x
      WHERE ${last === undefined ? sql`true` : sql`id > ${last}`} AND ${only === undefined ? sql`true` : sql`id = ${only}`}
      GROUP BY id ORDER BY id LIMIT ${page}`)
    const end = rows.at(-1)
    if (!end) return
    last = Number(end.id)
    const places: Place[] = []
    const loaded = new Map(
      (
        await loadConfigurations(
          coin.registry,
          db,
          rows.map(({ id }) => Number(id)).filter(id => id > 0),
        )
      ).map(row => [row.id as number, row]),
    )
    for (const { id, key, exists } of rows) {
      const row = loaded.get(Number(id))
      let wanted: string | undefined
      if (row && serves(backend, String(row.type))) {
        try {
          const want = wantOf(backend, row)
          wanted = want.key
          places.push({ id: Number(id), ...want })
        } catch (error) {
          yield unknown(backend, { id: Number(id), key: key ?? '', desired: undefined }, wordsOf(error))
          continue
        }
      } else if (!row && exists) {
        if (key !== null) yield unknown(backend, { id: Number(id), key, desired: undefined }, 'No installed app knows this configuration.')
        continue
      }
      // what was there under another name, or of a configuration that is gone
      if (key !== null && key !== wanted) places.push({ id: Number(id), key, desired: undefined })
    }
    yield* compared(coin, backend, places)
  }
}

async function* compared(coin: Coin, backend: AnyBackend, places: readonly Place[]): AsyncGenerator<Change> {
  if (places.length === 0) return
  const read = await readTarget(
    coin.registry,
    backend,
    places.map(({ key }) => key),
  )
  for (const place of places) {
    if (!read.ok) {
      yield unknown(backend, place, read.error)
      continue
    }
    const there = read.found.get(place.key)
    if (there instanceof Error) {
      yield unknown(backend, place, wordsOf(there))
      continue
    }
    const difference = maskDifferences(backend, compare(backend, place.desired, there))
    if (difference.length === 0) continue
    const change = place.desired === undefined ? 'remove' : there === undefined ? 'add' : 'change'
    yield { backend: backend.name, configuration: place.id, key: place.key, change, difference }
  }
}

const unknown = (backend: AnyBackend, { id, key, desired }: Place, error: string): Change => ({
  backend: backend.name,
  configuration: id,
  key,
  change: 'unknown',
  difference: [],
  error: withoutSecrets(backend, error, [desired]),
})

const told = ({ backend, configuration, key, change, difference, error }: Change) =>
  [
    `${backend}: ${change === 'unknown' ? 'cannot tell' : change} ${key} (${configuration > 0 ? `configuration ${configuration}` : 'explained by nothing'})${error ? `: ${error}` : ''}`,
    ...planLines(difference).map(({ kind, text }) => `  ${kind === 'added' ? '+' : '-'} ${text}`),
  ].join('\n')
