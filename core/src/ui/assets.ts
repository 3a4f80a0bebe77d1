import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The core's own static folder. Tabler's stylesheet is a copy of the package's one file that is used: the package itself would be 25 MB of every
 * installation.
 */
export const coreStatic: { readonly app: string; readonly folder: string } = {
  app: 'coin',
  folder: fileURLToPath(new URL('./static', import.meta.url)),
}

/** Files that the core serves from its dependencies. */
export function dependencyFiles(): Record<string, string> {
  const { resolve } = createRequire(import.meta.url)
  const folder = (name: string) => dirname(resolve(`${name}/package.json`))
  return {
    'coin/htmx.min.js': join(folder('htmx.org'), 'dist/htmx.min.js'),
    'coin/inter-latin.woff2': join(folder('@fontsource-variable/inter'), 'files/inter-latin-wght-normal.woff2'),
  }
}
