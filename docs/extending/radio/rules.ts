import { randomBytes } from 'node:crypto'
import { CoinError, type Configuration, type Tx } from 'coin'
import { eq } from 'drizzle-orm'
import { radio } from './tables.ts'

type Link = Configuration<typeof radio>

/** The antenna has the first IPv4 address of the link, or none. A link has one IPv4 subnet at most. */
export async function replaceEndpoint(link: Link, tx: Tx): Promise<void> {
  const subnets = link.ipSubnets.filter(subnet => subnet.family === 4)
  if (subnets.length > 1)
    throw new CoinError('refused', 'A radio link has one IPv4 subnet at most.', { hint: 'Remove the other one first.' })
  const endpoint = subnets[0]?.prefix.split('/')[0] ?? null
  await tx.update(radio).set({ endpoint }).where(eq(radio.id, link.id))
}

/** Shown once. */
export async function newPassphrase(link: Link, tx: Tx): Promise<string> {
  const passphrase = randomBytes(12).toString('base64url')
  await tx.update(radio).set({ passphrase }).where(eq(radio.id, link.id))
  return passphrase
}
