import { execFile } from 'node:child_process'
import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { CoinError } from 'coin'
import { codeOf } from './words.ts'

const execute = promisify(execFile)

/** Whose a file is and who may use it: as pages show it. */
export type Marks = { readonly mode: string; readonly owner?: string; readonly group?: string }

interface Stats {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** Owner, group and mode that files should have. */
export interface Identity {
  /** As they are declared. */
  readonly wanted: Marks
  /** As a file has them, of those that are declared. */
  marksOf(stats: Stats): Promise<Marks>
  /** Gives them to a new file; what is not declared stays as it was `before`, where this process may do so. Owner first: it takes bits off the mode. */
  give(file: FileHandle, before: Stats | undefined): Promise<void>
}

export interface Declared {
  readonly mode: string
  readonly owner?: string | number | undefined
  readonly group?: string | number | undefined
}

/** As declared, in text. Pure. */
export const wantedMarks = ({ mode, owner, group }: Declared): Marks => ({
  mode: mode.padStart(4, '0'),
  ...(owner !== undefined && { owner: String(owner) }),
  ...(group !== undefined && { group: String(group) }),
})

/** Looks the names up on this machine; throws for one that is unknown. */
export async function identityOf(declared: Declared): Promise<Identity> {
  const wanted = wantedMarks(declared)
  const uid = await idOf('passwd', wanted.owner)
  const gid = await idOf('group', wanted.group)
  const owners = namesOf('passwd', uid, wanted.owner)
  const groups = namesOf('group', gid, wanted.group)
  return {
    wanted,
    async marksOf(stats) {
      const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
      return {
        mode,
        ...(uid !== undefined && { owner: await owners(stats.uid) }),
        ...(gid !== undefined && { group: await groups(stats.gid) }),
      }
    },
    async give(file, before) {
      const now = await file.stat()
      const owner = uid ?? before?.uid ?? now.uid
      const group = gid ?? before?.gid ?? now.gid
      if (owner !== now.uid || group !== now.gid)
        await file.chown(owner, group).catch(error => {
          if (uid !== undefined || gid !== undefined) throw mayNotGive(wanted, error)
        })
      await file.chmod(Number.parseInt(wanted.mode, 8))
    },
  }
}

const mayNotGive = ({ owner, group }: Marks, error: unknown) =>
  codeOf(error) === 'EPERM'
    ? new CoinError('refused', 'Coin may not give files to {{whom}}.', {
        values: { whom: [owner, group].filter(Boolean).join(':') },
        hint: 'Leave the owner out, name a group that the user of Coin belongs to, or run Coin as root.',
        cause: error,
      })
    : error

async function idOf(database: 'passwd' | 'group', name: string | undefined): Promise<number | undefined> {
  if (name === undefined || /^\d+$/.test(name)) return name === undefined ? undefined : Number(name)
  const [, , id] = (await entry(database, name)) ?? []
  if (id !== undefined) return Number(id)
  throw new CoinError(
    'unavailable',
    database === 'passwd' ? 'This machine knows no user {{name}}.' : 'This machine knows no group {{name}}.',
    {
      values: { name },
    },
  )
}

/** Names by number, each looked up once. */
function namesOf(database: 'passwd' | 'group', known: number | undefined, name: string | undefined) {
  const found = new Map<number, Promise<string>>()
  return (id: number): Promise<string> => {
    if (id === known && name !== undefined) return Promise.resolve(name)
    const looked = found.get(id) ?? entry(database, String(id)).then(fields => fields?.[0] ?? String(id))
    found.set(id, looked)
    return looked
  }
}

/** A line of the system's user or group database, wherever it is kept. */
async function entry(database: 'passwd' | 'group', name: string): Promise<string[] | undefined> {
  try {
    const { stdout } = await execute('getent', [database, '--', name])
    return stdout.trim().split(':')
  } catch {
    return undefined
  }
}
