// Where bundles are kept, and whether one is still what its sources say.
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { coinFolder } from './runtime.js'

/** The file to run for `entry` and `config`, or undefined when it has to be built. */
export function cachedBundle({ entry, config }) {
  const name = bundleName({ entry, config })
  for (const folder of candidates(config)) {
    const manifest = readManifest(folder, name)
    if (!manifest || !isTrusted(folder)) continue
    const file = path.join(folder, manifest.file)
    if (isCurrent(manifest) && stamp(file)) return file
  }
  return undefined
}

/** The folder to write a new bundle to: the first that this user can write. */
export function writableFolder(config) {
  for (const folder of candidates(config)) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      accessSync(folder, constants.W_OK)
      if (isTrusted(folder)) return folder
    } catch {}
  }
  throw new Error(`No folder to keep compiled files in. Tried: ${candidates(config).join(', ')}`)
}

/** Names a new build, and forgets those before the last one (a process that starts now may be about to read that). */
export function publish({ entry, config, folder, file, inputs, stamps }) {
  const name = bundleName({ entry, config })
  const before = readManifest(folder, name)?.file
  const manifest = { file, inputs: watched(config, inputs).map(input => [input, stamps.get(input) ?? stamp(input)]) }
  const temporary = path.join(folder, `.${name}.${process.pid}.json`)
  writeFileSync(temporary, JSON.stringify(manifest))
  renameSync(temporary, path.join(folder, `${name}.json`))
  for (const old of readdirSync(folder)) {
    const stem = old.replace(/\.map$/, '')
    if (!old.startsWith(`${name}-`) || stem === file || stem === before || isRecent(path.join(folder, old))) continue
    rmSync(path.join(folder, old), { force: true })
  }
}

/** A name for the builds of this entry and deployment. */
export const bundleName = ({ entry, config }) =>
  `${path.basename(entry).replace(/\.tsx?$/, '')}-${createHash('sha256').update(`${entry}\n${config}`).digest('hex').slice(0, 12)}`

const candidates = config =>
  [
    path.join(path.dirname(config), 'node_modules', '.cache', 'coin'),
    path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'coin'),
    path.join(tmpdir(), `coin-cache-${process.getuid?.() ?? ''}`),
  ].filter((folder, index) => index > 0 || stamp(path.dirname(path.dirname(folder))))

// what is kept there is run later: in the folder that everybody shares it must be ours
function isTrusted(folder) {
  if (path.dirname(folder) !== tmpdir()) return true
  const found = lstatSync(folder)
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
}

// another process may be building it
const isRecent = file => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 300_000

function readManifest(folder, name) {
  try {
    return JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'))
  } catch {
    return undefined
  }
}

const isCurrent = manifest => manifest.inputs.every(([input, was]) => stamp(input) === was)

// sources are watched one by one, packages by the files that say which ones are installed
function watched(config, inputs) {
  const sources = inputs.filter(input => /\.tsx?$/.test(input) || !input.includes(`${path.sep}node_modules${path.sep}`))
  const locks = [path.dirname(config), coinFolder, path.dirname(coinFolder)].flatMap(folder => [
    path.join(folder, 'package.json'),
    path.join(folder, 'package-lock.json'),
    path.join(folder, 'node_modules', '.package-lock.json'),
  ])
  const launcher = ['build.js', 'cache.js', 'sources.js'].map(name => path.join(coinFolder, 'bin', name))
  return [...new Set([...sources, ...locks, ...launcher])].sort()
}

/** What changes when the file does; `''` for none. */
export function stamp(file) {
  try {
    const { mtimeMs, size } = statSync(file)
    return `${mtimeMs}-${size}`
  } catch {
    return ''
  }
}
