import { type SQL, sql } from 'drizzle-orm'
import { resourceNamed, visibleTo } from '../admin/find.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import type { SpaceBlock, SpaceFill } from '../ui/index.ts'
import {
  ancestor,
  type BlockState,
  contains,
  type Panel,
  type Prefix,
  panelsOf,
  partOf,
  readPrefix,
  sizeOf,
  writePrefix,
} from '../ui/space.ts'

/** Above this many blocks a panel is shaded by how full its cells are instead. */
const drawable = 400

export interface DrawnBlock extends SpaceBlock {
  readonly state: BlockState
}
/** What the picture of one prefix of a pool needs. */
export interface PoolSpace {
  readonly prefix: string
  readonly open: string | undefined
  readonly blocks: readonly DrawnBlock[]
  readonly fills: readonly SpaceFill[]
}

interface BlockRow extends Record<string, unknown> {
  readonly prefix: string
  readonly state: BlockState
  readonly label: string | null
  readonly subscription_id: number | null
}

/** Of which subnets `n` it is said whose they are: those that whoever asks may see. The others are only taken. */
export function namedSubnets(): SQL {
  const { actor, registry } = currentScope()
  if (mayEverywhere(actor, 'subnet.view')) return sql`true`
  return sql`n.id IN (SELECT ip_subnet.id FROM ip_subnet WHERE ${visibleTo(resourceNamed(registry, 'subnet'), actor)})`
}

/** Reads the blocks of the shown levels of a pool's prefix: never more than a panel can show, however large the pool. */
export async function readPoolSpace(
  tx: Tx,
  prefix: string,
  open: string | undefined,
  hrefOf: (subscriptionId: number) => string,
): Promise<PoolSpace> {
  const whole = readPrefix(prefix)
  const opened = open && contains(whole, readPrefix(open)) ? open : undefined
  const panels = panelsOf(whole, opened === undefined ? undefined : readPrefix(opened))
  const drawn = await Promise.all(panels.map(panel => readPanel(tx, panel, hrefOf)))
  return { prefix, open: opened, blocks: drawn.flatMap(({ blocks }) => blocks), fills: drawn.flatMap(({ fills }) => fills) }
}

async function readPanel(tx: Tx, panel: Panel, hrefOf: (id: number) => string): Promise<{ blocks: DrawnBlock[]; fills: SpaceFill[] }> {
  const around = Array.from({ length: panel.prefix.length }, (_, length) => writePrefix(ancestor(panel.prefix, length)))
  const { rows } = await tx.execute<BlockRow>(sql`
    SELECT b.prefix, b.state, coalesce(m.display_name, r.comment, to_char(b.rests_until, 'YYYY-MM-DD')) AS label, c.subscription_id
    FROM (SELECT * FROM ip_block WHERE prefix <<= ${writePrefix(panel.prefix)}::cidr OR prefix = ANY (${sql.param(around)}::cidr[]) ORDER BY prefix LIMIT ${drawable + 1}) b
      LEFT JOIN ip_subnet n ON n.id = b.subnet_id LEFT JOIN configuration c ON c.id = n.configuration_id AND ${namedSubnets()}
      LEFT JOIN subscription s ON s.id = c.subscription_id LEFT JOIN member m ON m.id = s.member_id
      LEFT JOIN ip_reserved r ON r.id = b.reserved_id`)
  const allFit = rows.length <= drawable && rows.every(row => readPrefix(row.prefix).length <= panel.cellLength)
  if (!allFit) return { blocks: [], fills: await readFills(tx, panel) }
  const blocks = rows.map(({ prefix, state, label, subscription_id: id }) => ({
    prefix,
    state,
    label: label ?? undefined,
    href: id === null ? undefined : hrefOf(id),
  }))
  return { blocks, fills: [] }
}

/** How full each cell is: what is not taken is counted, there is less of it than of what is. */
async function readFills(tx: Tx, panel: Panel): Promise<SpaceFill[]> {
  const { rows } = await tx.execute<{ prefix: string; unused: string }>(sql`
    SELECT network(set_masklen(prefix::inet, least(masklen(prefix), ${panel.cellLength}))) AS prefix, sum(coin.address_count(prefix))::text AS unused
    FROM ip_block WHERE state <> 'taken' AND prefix <<= ${writePrefix(panel.prefix)}::cidr GROUP BY 1`)
  const unused = new Map<string, bigint>()
  for (const row of rows) {
    const block = readPrefix(row.prefix)
    if (block.length === panel.cellLength) unused.set(row.prefix, BigInt(row.unused))
    else for (const cell of cellsOf(block, panel.cellLength)) unused.set(cell, sizeOf({ ...block, length: panel.cellLength }))
  }
  return cellsOf(panel.prefix, panel.cellLength).map(prefix => {
    const capacity = sizeOf(readPrefix(prefix))
    return { prefix, capacity, taken: capacity - (unused.get(prefix) ?? 0n) }
  })
}

const cellsOf = (block: Prefix, length: number): string[] =>
  Array.from({ length: 2 ** (length - block.length) }, (_, index) => writePrefix(partOf(block, length, index)))
