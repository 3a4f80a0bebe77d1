// Installs the packages of package-lock.json when they are missing or other ones are installed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from '../core/bin/lock.js'

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Makes sure that what `npm start` needs is installed; with `development`, what tests and checks need too. */
export async function ensureInstalled({ development }) {
  if (isInstalled(development)) return
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const waiting = () => console.error('Waiting for another installation to end…')
  await withLock(
    path.join(root, '.cache', 'install.lock'),
    () => isInstalled(development) || install(development || hasDevelopment()),
    waiting,
  )
}

// npm writes this file when everything else is in place; optional packages depend on the machine
function isInstalled(development) {
  const installed = installedPackages()
  return Object.entries(lock('package-lock.json')).every(([name, { version, resolved, link, optional, dev, devOptional }]) => {
    if (!name.includes('node_modules/') || (dev && !development)) return true
    const found = installed[name]
    if (!found) return Boolean(optional || devOptional)
    return link ? found.resolved === resolved && existsSync(path.join(root, name)) : found.version === version
  })
}

const hasDevelopment = () => Object.values(installedPackages()).some(({ dev }) => dev)

const installedPackages = () =>
  existsSync(path.join(root, 'node_modules', '.package-lock.json')) ? lock('node_modules/.package-lock.json') : {}

const lock = file => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages

async function install(development) {
  console.error(`Installing ${development ? 'all' : 'the'} packages (npm ci); this takes a minute…`)
  const started = Date.now()
  const args = ['ci', '--no-audit', '--no-fund', development ? '--include=dev' : '--omit=dev']
  const { status, output } = await run('npm', args)
  if (status !== 0) {
    console.error(output)
    console.error(`\nThe packages cannot be installed: npm ended with ${status}; see its words above.`)
    console.error(
      'Check that this machine reaches the package registry that npm is set up for, and that this folder can be written; then try again.',
    )
    process.exit(1)
  }
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`)
}

function run(program, args) {
  // not the Node of the packages, which are about to be replaced
  const bin = (process.env.PATH ?? '').split(path.delimiter).filter(folder => !folder.includes('node_modules'))
  const env = { ...process.env, PATH: bin.join(path.delimiter) }
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
    child.on('error', error => resolve({ status: 127, output: error.message }))
    child.on('close', (code, signal) => resolve({ status: code ?? signal, output }))
  })
}
