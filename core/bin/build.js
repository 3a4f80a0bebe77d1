// Builds one bundle: `node build.js <entry> <config>`. Types are not checked here; syntax and imports are.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { bundleName, publish, writableFolder } from './cache.js'
import { coinFolder, moduleFolders } from './runtime.js'
import { configModule, machineCode, realUrls } from './sources.js'

const [entry, config] = process.argv.slice(2)
const folder = writableFolder(config)
const name = bundleName({ entry, config })
const file = `${name}-${Date.now().toString(36)}-${process.pid}.mjs`
const project = path.dirname(config)

const stamps = new Map()
const result = await build({
  entryPoints: [entry],
  outfile: path.join(folder, file),
  absWorkingDir: project,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  legalComments: 'none',
  tsconfigRaw: { compilerOptions: { jsx: 'react-jsx', jsxImportSource: 'hono/jsx', target: 'esnext', verbatimModuleSyntax: true } },
  // an app in a folder of its own finds what coin depends on
  nodePaths: moduleFolders(coinFolder),
  // packages try these; who does not have them does not need them
  external: ['pg-native', 'bun:sqlite', 'cloudflare:sockets', 'esbuild', 'lightningcss', 'typescript'],
  banner: { js: banner() },
  plugins: [configModule(config), machineCode, realUrls(stamps)],
  logLevel: 'warning',
  logOverride: { 'empty-import-meta': 'silent' },
}).catch(() => process.exit(1))

const inputs = Object.keys(result.metafile.inputs)
  .map(input => path.resolve(project, input))
  .filter(input => existsSync(input))
publish({ entry, config, folder, file, inputs, stamps })

// CommonJS packages inside an ES module
function banner() {
  return `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(${JSON.stringify(path.join(coinFolder, 'package.json'))});
const __filename = __fileURLToPath(import.meta.url), __dirname = __fileURLToPath(new URL('.', import.meta.url));`
}
