import { CoinError } from 'coin'
import type { Connection } from './connection.ts'
import { code, codeOf } from './errors.ts'
import type { Mapping } from './mapping.ts'
import type { Found } from './reader.ts'

/** How long an attribute that could be seen is believed to be visible. */
const trust = 60_000
/** Entries that are asked about an attribute that none of them shows. */
const asked = 4
/** A comparison needs a value that the attribute could have, or it is refused before rights are looked at. */
const tries = ['TRUE', '0', '20000101000000Z', '']

/** What is known about attributes, for as long as a target is open: when each was last found not to be hidden. */
export type Probe = Map<string, number>

/**
 * A directory leaves out what an account may not read, as if it were not there. So where an attribute is absent, a few entries are
 * asked whether that is so (Compare, RFC 4511, 4.10: it is refused without the right). Returns what is wrong with an entry.
 */
export async function hiddenAttributes(
  connection: Connection,
  mapping: Mapping,
  rows: readonly (readonly [string, Found])[],
  probe: Probe,
): Promise<(row: Found) => Error | undefined> {
  const now = Date.now()
  const open = mapping.attributes.filter(name => (probe.get(name) ?? 0) + trust < now)
  const hidden = new Set<string>()
  await Promise.all(
    open.map(async attribute => {
      const without = rows.filter(([, row]) => !row.get(attribute.toLowerCase())?.length).slice(0, asked)
      const answers = await Promise.all(without.map(([dn]) => visibility(connection, dn, attribute)))
      if (answers.includes('hidden')) hidden.add(attribute)
      else if (answers.length > 0) probe.set(attribute, now)
    }),
  )
  return row => {
    if (!row.get('objectclass')?.length) return notReadable('objectClass')
    const attribute = [...hidden].find(name => !row.get(name.toLowerCase())?.length)
    return attribute === undefined ? undefined : notReadable(attribute)
  }
}

type Visibility = 'hidden' | 'absent' | 'unknown'

async function visibility(connection: Connection, dn: string, attribute: string): Promise<Visibility> {
  for (const value of tries) {
    try {
      await connection.ask(client => client.compare(dn, attribute, value))
      // it has a value after all, which the search did not show
      return 'hidden'
    } catch (error) {
      const number = codeOf(error)
      if (number === undefined) throw error
      if (number === code.insufficientAccessRights) return 'hidden'
      if (number === code.noSuchAttribute) return 'absent'
      if (number !== code.invalidAttributeSyntax) return 'unknown'
    }
  }
  return 'unknown'
}

const notReadable = (attribute: string) =>
  new CoinError('refused', 'The account of Coin may not read {{attribute}} in the directory: nothing can be said about this entry.', {
    values: { attribute },
    hint: 'Give it the right to read every attribute that it writes.',
  })
