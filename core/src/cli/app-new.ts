import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { reservedPrefixes } from '../app/checks.ts'
import { defineConfig } from '../app/config.ts'
import { createRegistry } from '../app/registry.ts'
import { coreApps } from '../core-apps.ts'
import { invalid } from '../errors.ts'
import { addToConfig, type ConfigLines } from './app-new-config.ts'
import { appFiles, camelCase } from './app-new-files.ts'

/**
 * Writes a small complete app into the `apps/` of a deployment's folder and adds it to `coin.config.ts`. Returns the files written,
 * relative to `folder`; when `coin.config.ts` is not among them, its author must add `configLines(name)` by hand.
 */
export function newApp(name: string, folder: string, taken: readonly string[] = []): string[] {
  refuseName(name, taken)
  const place = path.posix.join('apps', name)
  if (existsSync(path.join(folder, place))) throw invalid('name', '{{folder}} exists already. Choose another name.', { folder: place })
  const files = Object.entries(appFiles(name)).map(([file, text]) => [path.posix.join(place, file), text] as const)
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }
  return [...files.map(([file]) => file), ...changeConfig(name, folder)]
}

/** The two lines that bring an app into `coin.config.ts`. */
export const configLines = (name: string): ConfigLines => ({
  import: `import ${camelCase(name)} from './apps/${name}/index.tsx'`,
  call: `${camelCase(name)}()`,
})

function changeConfig(name: string, folder: string): string[] {
  const file = path.join(folder, 'coin.config.ts')
  const changed = existsSync(file) ? addToConfig(readFileSync(file, 'utf8'), configLines(name)) : undefined
  if (changed === undefined) return []
  writeFileSync(file, changed)
  return ['coin.config.ts']
}

function refuseName(name: string, taken: readonly string[]) {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw invalid('name', '“{{name}}” cannot name an app: use lower case letters, digits and underscores, such as my_app.', { name })
  if (name.length > 40) throw invalid('name', 'This name is too long: use 40 characters at most.')
  if (reservedWords.includes(name)) throw invalid('name', '“{{name}}” is a word of TypeScript. Choose another name.', { name })
  if (taken.includes(name) || namesOfCore().has(name))
    throw invalid('name', '“{{name}}” is taken: an app, a table, an address or an object of Coin has it. Choose another name.', { name })
}

/** Names that an app, its table, its prefix and its CLI group cannot have. */
function namesOfCore(): ReadonlySet<string> {
  const registry = createRegistry(coreApps(), defineConfig({ apps: [] }))
  const tables = registry.migrations.flatMap(({ folder }) =>
    existsSync(folder) ? readdirSync(folder).map(file => readFileSync(path.join(folder, file), 'utf8')) : [],
  )
  return new Set([
    ...registry.coreApps,
    ...reservedPrefixes,
    'coin',
    ...registry.routes.map(route => route.path.split('/')[1] ?? ''),
    ...[...registry.resources.values()].flatMap(({ resource }) => [resource.name, resource.plural]),
    ...tables.flatMap(sql => [...sql.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/g)].map(([, table]) => table ?? '')),
  ])
}

/** What no variable can be called, and names that the new files use themselves. */
const reservedWords = (
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in ' +
  'instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield ' +
  'async type arguments eval test expect process user table select'
).split(' ')
