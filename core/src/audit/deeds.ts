import { sql } from 'drizzle-orm'
import type { Actor } from '../app/scope.ts'
import type { Coin } from '../coin.ts'

/** Something that staff did by a request. */
export interface Deed {
  readonly did: 'carried_out' | 'downloaded'
  /** Without the base path; never the query or the body, which may hold secrets. */
  readonly path: string
  readonly address: string
}

/** Writes a deed into the history, where the chain covers it. */
export async function recordDeed(coin: Coin, actor: Actor, { did, path, address }: Deed): Promise<void> {
  const changes = { did: [null, did], path: [null, path], address: [null, address] }
  await coin.transaction(actor, tx => tx.execute(sql`SELECT coin.record_deed(${JSON.stringify(changes)}::jsonb)`))
}
