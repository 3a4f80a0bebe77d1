import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CoinError } from '../errors.ts'
import { systemFolder } from './embedded-binaries.ts'
import { canReach, type ServerUser } from './embedded-user.ts'

const apart = 'data-'

// the longest path of a socket, with the name that PostgreSQL gives it
const longestSocketFolder = 106 - '/.s.PGSQL.5432.lock'.length

/** The cluster's real folder, which need not exist yet, without making anything. */
export function clusterFolder(data: string): string {
  const folder = path.join(data, 'postgres')
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (!found) return path.join(existsSync(data) ? realpathSync(data) : path.resolve(data), 'postgres')
  if (!found.isSymbolicLink() || existsSync(folder)) return realpathSync(folder)
  throw new CoinError('boot', `${folder} points to ${readlinkSync(folder)}, which does not exist.`, {
    hint: 'Put the database back there; or, to begin with an empty one, remove the link.',
  })
}

/**
 * Puts the cluster where `user` can reach it: in `data`, else in a folder of its own under /var/lib/coin, to which
 * `data` then points. Returns its folder.
 */
export function placeCluster(data: string, user: ServerUser): string {
  const here = clusterFolder(data)
  if (canReach(user, path.dirname(here), 1)) return here
  mkdirSync(systemFolder, { recursive: true })
  chmodSync(systemFolder, 0o755)
  const home = mkdtempSync(path.join(systemFolder, apart))
  chmodSync(home, 0o711)
  const there = path.join(home, 'postgres')
  const move = existsSync(here) ? spawnSync('mv', [here, there], { encoding: 'utf8' }) : undefined
  if (move?.status) throw new CoinError('boot', `${here} cannot be moved to ${there}: ${move.stderr}`)
  if (!move) mkdirSync(there)
  symlinkSync(there, path.join(data, 'postgres'))
  return there
}

/** True for a cluster that `placeCluster` put under /var/lib/coin, in a folder of its own. */
export const isApart = (cluster: string): boolean => cluster.startsWith(path.join(systemFolder, apart))

/** The folder of the server's socket: the cluster itself, or a short one when its path does not do for a socket. */
export function socketFolder(cluster: string): string {
  if (Buffer.byteLength(cluster) <= longestSocketFolder && /^[\w./+-]+$/.test(cluster)) return cluster
  // a folder made anew in the same place is another cluster
  const { ino, birthtimeMs } = statSync(cluster)
  const key = createHash('sha256').update(`${cluster}\n${ino}\n${birthtimeMs}`).digest('hex').slice(0, 16)
  const temporary = Buffer.byteLength(tmpdir()) < 60 ? tmpdir() : '/tmp'
  return path.join(temporary, `coin-${key}`)
}

/** Makes the socket's folder, closed to everybody but the server's user. */
export function makeSocketFolder(folder: string, cluster: string, user: ServerUser): void {
  if (folder === cluster) return
  const uid = user?.uid ?? process.getuid?.() ?? -1
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) && user) chownSync(folder, user.uid, user.gid)
  const found = lstatSync(folder)
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return
  throw new CoinError('boot', `${folder} is not a folder that only the database server's user can use.`, {
    hint: 'Remove it and start again.',
  })
}

/** Removes the folder of a server that has stopped. */
export function removeSocketFolder(folder: string, cluster: string): void {
  if (folder !== cluster) rmSync(folder, { recursive: true, force: true })
}
