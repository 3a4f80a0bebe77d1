// `npm run check`: everything that can be said about the sources without running them. One line per check; all of them run.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode, isModern, underModernNode } from '../core/bin/runtime.js'
import { ensureInstalled, root } from './install.js'

process.chdir(root)
await ensureInstalled({ development: true })
if (isModern) await main()
else underModernNode([fileURLToPath(import.meta.url), ...process.argv.slice(2)])

async function main() {
  const { apiProblems } = await import('./api.js')
  const { importProblems } = await import('./checks/imports.js')
  const { translationProblems } = await import('./checks/translations.js')
  const checks = {
    types: () => tool('typescript/bin/tsc', ['-p', '.']),
    'lint and format': () => tool('@biomejs/biome/bin/biome', ['check', '--no-errors-on-unmatched', '--max-diagnostics=50', '.']),
    'unused code and dependencies': () => tool('knip/bin/knip.js', ['--no-progress']),
    'direction of imports, no cycles': () => importProblems(root),
    translations: () => translationProblems(root),
    'public API as in core/api.txt': () => apiProblems(root),
  }
  let failed = 0
  for (const [name, run] of Object.entries(checks)) {
    const problems = await attempt(run)
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}`)
    for (const problem of problems) console.log(`       ${problem.replaceAll('\n', '\n       ')}`)
    if (problems.length > 0) failed++
  }
  process.exitCode = failed === 0 ? 0 : 1
}

async function attempt(run) {
  try {
    return await run()
  } catch (error) {
    return [error.stack ?? String(error)]
  }
}

/** What a program of a package says when it fails. */
function tool(file, args) {
  const { status, stdout, stderr } = spawnSync(findNode() ?? process.execPath, [path.join('node_modules', file), ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return status === 0 ? [] : [`${stdout}${stderr}`.trim() || `${file} ended with ${status}`]
}
