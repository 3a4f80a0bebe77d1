import { sql } from 'drizzle-orm'
import { configurations } from '../app/configuration.ts'
import type { Tx } from '../db/database.ts'

/** Configures a line of the demonstration; its subnets come by themselves. Returns the configuration's id. */
export async function configureLine(tx: Tx, subscriptionId: number, index: number): Promise<number> {
  const [row] = await tx.insert(configurations).values({ type: 'simple_dsl', subscriptionId }).returning({ id: configurations.id })
  const id = (row as { id: number }).id
  await tx.execute(sql`INSERT INTO simple_dsl (id, phone_number) VALUES (${id}, ${`+33 4 65 71 ${String(10 + index).padStart(2, '0')} 00`})`)
  return id
}
