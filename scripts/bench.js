// `npm run bench -- <name> [--json]`: runs bench/<name>.ts as Coin runs, bundled.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isModern, underModernNode } from '../core/bin/runtime.js'
import { ensureInstalled, root } from './install.js'

const [name, ...args] = process.argv.slice(2)
const entry = path.join(root, 'bench', `${name}.ts`)
if (!name || !existsSync(entry)) {
  const names = readdirSync(path.join(root, 'bench')).flatMap(file => (/^[a-z-]+\.ts$/.test(file) ? [file.slice(0, -3)] : []))
  console.error(`Say which: npm run bench -- <name> [--json]. There are: ${names.join(', ')}`)
  process.exit(2)
}
await ensureInstalled({ development: true })
if (isModern) {
  process.argv = [process.execPath, entry, ...args]
  const { runBundled } = await import('../core/bin/launch.js')
  await runBundled({ entry, config: path.join(root, 'coin.config.ts') })
} else underModernNode([fileURLToPath(import.meta.url), name, ...args])
