// `npm start`: installs what is missing, then `coin start` (database, migrations, first administrator, web).
import path from 'node:path'
import { isModern, underModernNode } from '../core/bin/runtime.js'
import { ensureInstalled, root } from './install.js'

await ensureInstalled({ development: false })
const coin = path.join(root, 'core', 'bin', 'coin.js')
const args = ['start', ...process.argv.slice(2)]
process.chdir(root)
if (isModern) {
  process.argv = [process.execPath, coin, ...args]
  await import('../core/bin/coin.js')
} else underModernNode([coin, ...args])
