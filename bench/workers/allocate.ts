// One of several processes that allocate at once: `node allocate.ts <job as JSON>`. Prints how it went as JSON.
import pg from 'pg'

interface Job {
  readonly url: string
  readonly way: 'coin' | 'netbox'
  readonly pool: number
  readonly count: number
  /** The configurations it serves, first and number. */
  readonly first: number
  readonly configurations: number
}

const job = JSON.parse(process.argv[2] ?? '') as Job
const client = new pg.Client({ connectionString: job.url })
await client.connect()
process.stdout.write('ready\n')
await new Promise(resolve => process.stdin.once('data', resolve))
const errors: string[] = []
for (let i = 0; i < job.count; i++) {
  try {
    if (job.way === 'coin') await coin(job.first + (i % job.configurations))
    else await netbox()
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error))
    await client.query('ROLLBACK')
  }
}
await client.end()
process.stdout.write(`${JSON.stringify({ errors })}\n`)
process.stdin.destroy()

/** One statement is a transaction; run again after a deadlock, as the application does. */
async function coin(configuration: number): Promise<void> {
  for (;;) {
    try {
      await client.query('SELECT allocate_subnet($1, NULL, $2)', [configuration, job.pool])
      return
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '40P01') throw error
    }
  }
}

/**
 * NetBox's algorithm: under one advisory lock load the prefixes that are taken, subtract them from the pool's, cut what is left
 * into prefixes, and take the first that is large enough.
 */
async function netbox(): Promise<void> {
  await client.query('BEGIN')
  await client.query('SELECT pg_advisory_xact_lock(105100)')
  const parents = await client.query<{ prefix: string }>('SELECT prefix::text FROM ip_pool_prefix WHERE pool_id = $1 ORDER BY prefix', [
    job.pool,
  ])
  const children = await client.query<{ prefix: string }>('SELECT prefix::text FROM netbox_prefix WHERE pool_id = $1', [job.pool])
  const prefix = firstAvailable(
    parents.rows.map(row => row.prefix),
    children.rows.map(row => row.prefix),
    32,
  )
  if (!prefix) throw new Error('The pool is full.')
  await client.query('INSERT INTO netbox_prefix (pool_id, prefix, description) VALUES ($1, $2, $3)', [job.pool, prefix, 'allocated'])
  await client.query('COMMIT')
}

type Range = readonly [first: number, last: number]

function firstAvailable(parents: readonly string[], children: readonly string[], length: number): string | undefined {
  const taken = children.map(rangeOf).sort((a, b) => a[0] - b[0])
  for (const [start, end] of parents.map(rangeOf)) {
    let first = start
    for (const [low, high] of taken) {
      if (high < first || low > end) continue
      const found = firstPrefix([first, low - 1], length)
      if (found) return found
      first = high + 1
    }
    const found = firstPrefix([first, end], length)
    if (found) return found
  }
  return undefined
}

/** The first of the prefixes that make up a range which is large enough, cut to the length. */
function firstPrefix([first, last]: Range, length: number): string | undefined {
  const size = 2 ** (32 - length)
  const start = Math.ceil(first / size) * size
  return start + size - 1 <= last ? `${[24, 16, 8, 0].map(shift => Math.floor(start / 2 ** shift) % 256).join('.')}/${length}` : undefined
}

function rangeOf(prefix: string): Range {
  const [address = '', length] = prefix.split('/')
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  return [first, first + 2 ** (32 - Number(length)) - 1]
}
