import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { addTestOffer, addTestPool, addTestSubscriber, forced, refusal } from './allocation-fixtures.ts'

/** Where a small space lies in its family's: the model counts in cells, the shortest prefix that a test gives. */
interface Layout {
  readonly family: 4 | 6
  readonly base: string
  /** The length of a cell. */
  readonly unit: number
}
const layouts: readonly Layout[] = [
  { family: 4, base: '0a000000', unit: 32 },
  { family: 4, base: '80000000', unit: 10 },
  { family: 6, base: '20010db8000000000000000000000000', unit: 128 },
  { family: 6, base: '20010db8000000000000000000000000', unit: 56 },
  { family: 6, base: '20010db8000000000000000000000000', unit: 67 },
]

/** A block of 2^bits cells from cell `at` on. */
interface Block {
  readonly at: number
  readonly bits: number
}

function prefixOf({ family, base, unit }: Layout, { at, bits }: Block): string {
  const size = family === 4 ? 32 : 128
  const value = BigInt(`0x${base}`) + (BigInt(at) << BigInt(size - unit))
  const hex = value.toString(16).padStart(size / 4, '0')
  const address =
    family === 4 ? (hex.match(/../g) ?? []).map(part => Number.parseInt(part, 16)).join('.') : (hex.match(/..../g) ?? []).join(':')
  return `${address}/${unit - bits}`
}

type Cell = 'free' | 'resting' | number

/** The obvious allocator: an array of cells, looked through from the start each time. */
class Model {
  readonly roots: readonly Block[]
  readonly cells: Cell[]
  readonly taken = new Map<number, Block>()

  constructor(roots: readonly Block[]) {
    this.roots = roots
    this.cells = []
    for (const root of roots) for (let i = 0; i < 2 ** root.bits; i++) this.cells[root.at + i] = 'free'
  }

  inside(block: Block): boolean {
    return this.roots.some(root => block.bits <= root.bits && block.at >= root.at && block.at + 2 ** block.bits <= root.at + 2 ** root.bits)
  }

  whole(block: Block, allowed: (cell: Cell | undefined) => boolean): boolean {
    for (let i = 0; i < 2 ** block.bits; i++) if (!allowed(this.cells[block.at + i])) return false
    return true
  }

  /** The largest aligned free blocks, lowest first. */
  free(): Block[] {
    const split = (block: Block): Block[] => {
      if (this.whole(block, cell => cell === 'free')) return [block]
      if (block.bits === 0) return []
      const bits = block.bits - 1
      return [...split({ at: block.at, bits }), ...split({ at: block.at + 2 ** bits, bits })]
    }
    return this.roots.flatMap(split).sort((a, b) => a.at - b.at)
  }

  best(bits: number): Block | undefined {
    const fitting = this.free().filter(block => block.bits >= bits)
    fitting.sort((a, b) => a.bits - b.bits || a.at - b.at)
    return fitting[0] && { at: fitting[0].at, bits }
  }

  set(block: Block, cell: Cell): void {
    for (let i = 0; i < 2 ** block.bits; i++) this.cells[block.at + i] = cell
  }
}

const op = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('allocate' as const), bits: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('give' as const), at: fc.nat(127), bits: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const), which: fc.nat(1000), at: fc.nat(127), bits: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rested' as const) }) },
)
const scenario = fc.record({
  layout: fc.constantFrom(...layouts),
  quarantineDays: fc.constantFrom(0, 0, 90),
  // two prefixes, side by side or apart
  roots: fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 6 })),
  ops: fc.array(op, { minLength: 10, maxLength: 45 }),
})

describe('the allocator against a naive model', () => {
  let db: TestDatabase
  let configuration: number
  beforeAll(async () => {
    db = await testDatabase()
    configuration = (await addTestSubscriber(db.pool, await addTestOffer(db.pool))).configurationId
  })
  afterAll(() => db.close())

  it('gives the lowest address of the smallest free block that suffices, keeps a partition, and ends whole', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ layout, quarantineDays, roots: [first, second], ops }) => {
        const model = new Model([
          { at: 0, bits: first },
          { at: 64, bits: second },
        ])
        const pool = await addTestPool(db.pool, {
          family: layout.family,
          prefixes: model.roots.map(root => prefixOf(layout, root)),
          length: layout.unit,
          quarantineDays,
        })
        const freed: Cell = quarantineDays > 0 ? 'resting' : 'free'
        try {
          for (const step of ops) {
            if (step.kind === 'allocate') await allocate(layout, model, pool, step.bits)
            else if (step.kind === 'give') await give(layout, model, pool, step)
            else if (step.kind === 'rested') await endRests(model)
            else {
              const [id, block] = [...model.taken][step.which % Math.max(model.taken.size, 1)] ?? []
              if (id === undefined || block === undefined) continue
              if (step.kind === 'release') {
                await db.pool.query('DELETE FROM ip_subnet WHERE id = $1', [id])
                model.taken.delete(id)
                model.set(block, freed)
              } else await change(layout, model, id, block, step, freed)
            }
            await compare(layout, model, pool)
          }
          await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
          for (const block of model.taken.values()) model.set(block, freed)
          model.taken.clear()
          await endRests(model)
          await compare(layout, model, pool)
          const { rows } = await db.pool.query('SELECT prefix::text FROM ip_block WHERE pool_id = $1 ORDER BY 1', [pool])
          expect(rows.map(row => row.prefix).length).toBe(2)
        } finally {
          await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
          await db.pool.query('DELETE FROM ip_pool WHERE id = $1', [pool])
          await db.pool.query(`SELECT ip_purge_history('-1 day', 1000000)`)
        }
      }),
      { numRuns: 20 },
    )
  })

  async function allocate(layout: Layout, model: Model, pool: number, bits: number) {
    const expected = model.best(bits)
    const allocation = db.pool.query<{ id: string; prefix: string }>('SELECT id, prefix::text FROM allocate_subnet($1, NULL, $2, $3)', [
      configuration,
      pool,
      layout.unit - bits,
    ])
    if (!expected) return expect((await refusal(allocation)).rule).toBe('ip_pool_full')
    const given = (await allocation).rows[0]
    expect(given?.prefix).toBe(await canonical(prefixOf(layout, expected)))
    model.set(expected, Number(given?.id))
    model.taken.set(Number(given?.id), expected)
  }

  async function give(layout: Layout, model: Model, pool: number, asked: Block) {
    const block = { at: asked.at - (asked.at % 2 ** asked.bits), bits: asked.bits }
    const gift = db.pool.query<{ id: string }>(
      'INSERT INTO ip_subnet (configuration_id, pool_id, prefix) VALUES ($1, $2, $3) RETURNING id',
      [configuration, pool, prefixOf(layout, block)],
    )
    if (!model.inside(block)) return expect((await refusal(gift)).rule).toBe('ip_subnet_outside_pool')
    if (!model.whole(block, cell => typeof cell === 'string')) return expect((await refusal(gift)).rule).toBe('ip_subnet_overlap')
    const id = Number((await gift).rows[0]?.id)
    model.set(block, id)
    model.taken.set(id, block)
  }

  async function change(layout: Layout, model: Model, id: number, old: Block, asked: Block, freed: Cell) {
    const block = { at: asked.at - (asked.at % 2 ** asked.bits), bits: asked.bits }
    const change = db.pool.query('UPDATE ip_subnet SET prefix = $2 WHERE id = $1', [id, prefixOf(layout, block)])
    if (!model.inside(block)) return expect((await refusal(change)).rule).toBe('ip_subnet_outside_pool')
    if (!model.whole(block, cell => typeof cell === 'string' || cell === id)) {
      return expect((await refusal(change)).rule).toBe('ip_subnet_overlap')
    }
    await change
    if (block.at !== old.at || block.bits !== old.bits) model.set(old, freed)
    model.set(block, id)
    model.taken.set(id, block)
  }

  async function endRests(model: Model) {
    await forced(db.pool, `UPDATE ip_block SET rests_until = now() - interval '1 second' WHERE state = 'resting'`)
    await db.pool.query('SELECT ip_end_rest()')
    for (const [at, cell] of model.cells.entries()) if (cell === 'resting') model.cells[at] = 'free'
  }

  async function compare(layout: Layout, model: Model, pool: number) {
    const { rows } = await db.pool.query<{ state: string; prefix: string }>(
      'SELECT state, prefix::text FROM ip_block WHERE pool_id = $1 ORDER BY ip_block.prefix',
      [pool],
    )
    const of = (state: string) => rows.filter(row => row.state === state).map(row => row.prefix)
    const expected = (blocks: readonly Block[]) => Promise.all(blocks.map(block => canonical(prefixOf(layout, block))))
    expect(of('free')).toEqual(await expected(model.free()))
    expect(of('taken')).toEqual(await expected([...model.taken.values()].sort((a, b) => a.at - b.at)))
    const cells = (prefixes: readonly string[]) =>
      prefixes.reduce((sum, prefix) => sum + 2 ** (layout.unit - Number(prefix.split('/')[1])), 0)
    expect(cells(of('resting'))).toBe(model.cells.filter(cell => cell === 'resting').length)
    expect(cells(rows.map(row => row.prefix))).toBe(model.cells.filter(cell => cell !== undefined).length)
  }

  const forms = new Map<string, string>()
  /** As PostgreSQL writes it. */
  async function canonical(prefix: string): Promise<string> {
    const known = forms.get(prefix)
    if (known) return known
    const { rows } = await db.pool.query<{ prefix: string }>('SELECT $1::cidr::text AS prefix', [prefix])
    forms.set(prefix, rows[0]?.prefix ?? '')
    return rows[0]?.prefix ?? ''
  }
})
