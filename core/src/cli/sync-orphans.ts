import { CoinError } from '../errors.ts'
import { removeOrphans } from '../provisioning/ask.ts'
import { countOrphans, type Orphan, orphanIds, orphansOf } from '../provisioning/orphan-queries.ts'
import { valueText } from '../provisioning/value-lines.ts'
import type { CliContext } from './context.ts'
import { usage } from './failure.ts'
import { print, table } from './output.ts'
import { chosenBackends, differs, idsOf, moment } from './sync-common.ts'

interface OrphanOptions {
  readonly backend?: string
  readonly remove?: readonly string[]
  readonly removeAll?: boolean
  readonly yes?: boolean
}

/** More are not printed. */
const most = 100_000

/** Lists what nothing explains, or has a worker remove it. */
export async function orphans(context: CliContext, options: OrphanOptions): Promise<void> {
  context.subject = 'sync'
  const ids = options.remove && idsOf(options.remove, '--remove')
  if (ids && options.removeAll) throw usage('--remove and --remove-all exclude each other.', 'Give one of them.')
  if (options.removeAll && options.backend === undefined) throw usage('--remove-all is for one backend.', 'Add --backend.')
  await context.withCoin(async (coin, actor) => {
    const { db } = coin.database
    const backends = chosenBackends(coin.registry, options.backend)
    if (options.removeAll && !options.yes) {
      const { count } = await countOrphans(db, options.backend ?? '')
      throw usage(`Nothing is removed yet: ${count} entries would be.`, 'Look at them with `coin sync orphans`, then add --yes.')
    }
    if (ids || options.removeAll) {
      const count = await coin.transaction(actor, async tx => {
        const found: number[] = []
        for (const { name } of backends) {
          const { last } = await countOrphans(tx, name)
          found.push(...(await orphanIds(tx, name, ids ? { ids } : { upTo: last })))
        }
        const missing = ids?.find(id => !found.includes(id))
        if (missing !== undefined) throw new CoinError('not_found', 'There is no orphan {{id}}.', { values: { id: missing } })
        return removeOrphans(tx, found)
      })
      return print(context, { asked: count }, () => `${count} are removed, as soon as a worker runs.`)
    }
    const rows: (Orphan & { backend: string })[] = []
    for (const { name } of backends) rows.push(...(await orphansOf(db, name, { limit: most })).map(row => ({ backend: name, ...row })))
    print(context, { orphans: rows }, () =>
      rows.length === 0
        ? 'Nothing is there that should not be, as of the last comparisons.'
        : table(
            ['Id', 'Backend', 'Key', 'Found', 'Value'],
            rows.map(row => [String(row.id), row.backend, row.key, moment(row.found), row.value === null ? '' : valueText(row.value)]),
          ),
    )
    if (rows.length > 0) context.exitCode = differs
  })
}
