import type { BackendIo, Failures, Target } from 'coin'
import type { Probe } from './hidden.ts'
import type { Mapping } from './mapping.ts'
import { Pool } from './pool.ts'
import { checkBase, readAll, readKeys } from './reader.ts'
import type { LdapConnection } from './settings.ts'
import type { LdapEntry } from './values.ts'
import { removeEntry, writeEntry } from './writer.ts'

/** Connects, logs in, and sees that the base is there. */
export async function openTarget(settings: LdapConnection, mapping: Mapping, { signal }: BackendIo): Promise<Target<LdapEntry>> {
  const pool = new Pool(settings)
  try {
    await pool.during(signal, async () => checkBase(await pool.first(signal), mapping.base))
    return targetOn(pool, mapping)
  } catch (error) {
    await pool.close()
    throw error
  }
}

function targetOn(pool: Pool, mapping: Mapping): Target<LdapEntry> {
  const probe: Probe = new Map()
  return {
    read: (keys, { signal }) => pool.during(signal, async () => readKeys(await pool.first(signal), mapping, keys, probe)),
    async apply(wanted, { signal }) {
      const failures = new Map<string, Error>()
      await pool.during(signal, () =>
        pool.each(wanted, signal, async (item, connection) => note(failures, item.key, await writeEntry(connection, mapping, item))),
      )
      return failures satisfies Failures
    },
    async destroy(keys, { signal }) {
      const failures = new Map<string, Error>()
      await pool.during(signal, () =>
        pool.each(keys, signal, async (key, connection) => note(failures, key, await removeEntry(connection, key))),
      )
      return failures satisfies Failures
    },
    async *list({ signal }) {
      const pages = await pool.during(signal, async () => readAll(await pool.first(signal), mapping, probe))
      try {
        for (;;) {
          const page = await pool.during(signal, () => pages.next())
          if (page.done) return
          yield page.value
        }
      } finally {
        await pages.return(undefined)
      }
    },
    close: () => pool.close(),
  }
}

function note(failures: Map<string, Error>, key: string, failure: Error | undefined): void {
  if (failure) failures.set(key, failure)
}
