#!/usr/bin/env node
// `coin <command>`: runs the deployment whose coin.config.ts is in this folder or above (--config or COIN_CONFIG names another).
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runBundled } from './launch.js'
import { isModern, underModernNode } from './runtime.js'

if (isModern) await runBundled({ entry: fileURLToPath(new URL('../src/cli.ts', import.meta.url)), config: findConfig() })
else underModernNode([fileURLToPath(import.meta.url), ...process.argv.slice(2)])

function findConfig() {
  const at = process.argv.findIndex(word => word === '--config' || word.startsWith('--config='))
  const asked = at < 0 ? undefined : process.argv[at] === '--config' ? process.argv[at + 1] : process.argv[at].slice('--config='.length)
  const given = asked || process.env.COIN_CONFIG
  if (given)
    return existsSync(given) ? path.resolve(given) : refuse(`${asked ? '--config' : 'COIN_CONFIG'} names ${given}, which does not exist.`)
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'coin.config.ts')
    if (existsSync(file)) return file
    if (folder === path.dirname(folder))
      return refuse(`No coin.config.ts in ${process.cwd()} or above.\nGo to the folder of a deployment, or name its file in COIN_CONFIG.`)
  }
}

function refuse(message) {
  console.error(message)
  process.exit(1)
}
