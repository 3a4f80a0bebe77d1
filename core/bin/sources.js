// esbuild plugins for our own sources and the deployment's.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { stamp } from './cache.js'

/** `import config from 'coin:config'` is this deployment's coin.config.ts. */
export const configModule = config => ({
  name: 'coin:config',
  setup: build => build.onResolve({ filter: /^coin:config$/ }, () => ({ path: config })),
})

/**
 * In TypeScript sources `import.meta.url` (and dirname, filename) stays that of the source, not of the bundle.
 * `stamps` gets what each file was when it was read.
 */
export const realUrls = stamps => ({
  name: 'real-urls',
  setup: build =>
    build.onLoad({ filter: /\.tsx?$/ }, async ({ path: file }) => {
      stamps.set(file, stamp(file))
      const text = await readFile(file, 'utf8')
      if (!text.includes('import.meta.')) return undefined
      const known = { url: pathToFileURL(file).href, dirname: path.dirname(file), filename: file }
      const contents = text.replace(/\bimport\.meta\.(url|dirname|filename)\b/g, (_, key) => JSON.stringify(known[key]))
      return { contents, loader: file.endsWith('x') ? 'tsx' : 'ts' }
    }),
})

/** A package's machine code stays in its own file, and is loaded from there: @node-rs/argon2 brings some. */
export const machineCode = {
  name: 'machine-code',
  setup(build) {
    build.onLoad({ filter: /\.node$/ }, ({ path: file }) => ({
      contents: `process.dlopen(module, ${JSON.stringify(file)})`,
      loader: 'js',
    }))
  },
}
