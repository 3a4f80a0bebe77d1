// Runs a bundled entry in this process; a missing or outdated bundle is first built in a child, whose memory goes with it.
import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cachedBundle } from './cache.js'

const builder = fileURLToPath(new URL('./build.js', import.meta.url))

/**
 * Runs `entry` (a TypeScript file) with the deployment's `config` importable as `coin:config`.
 * Ends the process with exit code 1 when it does not compile.
 */
export async function runBundled({ entry, config }) {
  process.env.COIN_CONFIG = config
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = cachedBundle({ entry, config })
    if (file) {
      // errors name the lines of the sources
      process.setSourceMapsEnabled(true)
      return import(pathToFileURL(file).href)
    }
    const { status } = spawnSync(process.execPath, [builder, entry, config], { stdio: ['ignore', 'inherit', 'inherit'] })
    if (status !== 0) process.exit(1)
  }
  throw new Error(`The sources of ${config} change while they are read. Start again.`)
}
