import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { CoinError } from '../errors.ts'

/** The user that runs the database server; undefined: the one that runs Coin. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined

/**
 * PostgreSQL refuses to run as root. There the owner of an existing cluster runs it, else `postgres`, else a user
 * `coin-postgres` that is made, else `nobody`.
 */
export function serverUser(cluster: string): ServerUser {
  const me = process.getuid?.()
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (me === 0)
    return owner && owner.uid !== 0
      ? { uid: owner.uid, gid: owner.gid }
      : (named('postgres') ?? named('coin-postgres') ?? made('coin-postgres') ?? nobody())
  if (!owner || owner.uid === me) return undefined
  throw new CoinError('boot', `The database in ${cluster} belongs to user ${owner.uid}, not to the one that starts Coin.`, {
    hint: 'Start Coin as the user that made it or as root, or name another folder in COIN_DATA.',
  })
}

/** True when `user` may pass through all folders above `file`, and use the file itself (5: read and run or enter, 1: enter). */
export function canReach(user: ServerUser, file: string, use: 1 | 5): boolean {
  if (!user) return true
  for (let at = file; ; at = path.dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false })
    if (found) {
      const bits = found.uid === user.uid ? found.mode >> 6 : found.gid === user.gid ? found.mode >> 3 : found.mode
      const needed = at === file ? use : 1
      if ((bits & needed) !== needed) return false
    }
    if (at === path.dirname(at)) return true
  }
}

function named(name: string): ServerUser {
  const line = existsSync('/etc/passwd')
    ? readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .find(each => each.startsWith(`${name}:`))
    : undefined
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

function made(name: string): ServerUser {
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', name]
  for (const useradd of ['/usr/sbin/useradd', '/sbin/useradd']) if (existsSync(useradd)) spawnSync(useradd, options, { stdio: 'ignore' })
  return named(name)
}

function nobody(): ServerUser {
  const found = named('nobody')
  if (found) return found
  throw new CoinError('boot', 'There is no user to run the database server as: PostgreSQL refuses to run as root.', {
    hint: 'Make a user named postgres, or start Coin as an ordinary user.',
  })
}
