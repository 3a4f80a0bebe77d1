// The public API as text: what `coin` and `coin/testing` export, with its signatures. `node scripts/api.js --write` keeps it in core/api.txt.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const snapshot = 'core/api.txt'
const entries = { coin: 'core/src/index.ts', 'coin/testing': 'core/src/testing/index.ts' }

/** The API as it is now. */
export function currentApi(root) {
  const out = mkdtempSync(path.join(tmpdir(), 'coin-api-'))
  try {
    const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--removeComments', '--rootDir', '.', '--outDir', out]
    spawnSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', root, ...options], { cwd: root })
    return Object.entries(entries)
      .map(([name, file]) => `# ${name}\n\n${declarations(out, file).join('\n')}\n`)
      .join('\n')
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** How the API differs from its snapshot. */
export function apiProblems(root) {
  const kept = readFileSync(path.join(root, snapshot), 'utf8').split('\n')
  const now = currentApi(root).split('\n')
  const removed = kept.filter(line => !now.includes(line)).map(line => `- ${line}`)
  const added = now.filter(line => !kept.includes(line)).map(line => `+ ${line}`)
  const advice = `If this is meant: node scripts/api.js --write, and say it in CHANGELOG.md.`
  return removed.length + added.length > 0 ? [...removed, ...added, advice] : []
}

function declarations(out, entry) {
  return [...exportsOf(out, entry)].map(([name, { file, original }]) => `${name}: ${declaration(out, file, original)}`).sort()
}

/** Where each exported name is declared, through any number of re-exports. */
function exportsOf(out, file) {
  const found = new Map()
  const text = read(out, file)
  for (const [, names, from] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)) {
    const source = path.posix.join(path.posix.dirname(file), from)
    const inside = exportsOf(out, source)
    for (const item of names
      .split(',')
      .map(each => each.trim().replace(/^type /, ''))
      .filter(Boolean)) {
      const [original, exported = original] = item.split(' as ')
      found.set(exported, inside.get(original) ?? { file: source, original })
    }
  }
  for (const [, names] of text.matchAll(/^export (?:type )?\{([^}]*)\};?$/gm)) {
    for (const name of names
      .split(',')
      .map(each => each.trim())
      .filter(Boolean))
      found.set(name, { file, original: name })
  }
  for (const [, from] of text.matchAll(/^export \* from '([^']+)'/gm)) {
    for (const [name, place] of exportsOf(out, path.posix.join(path.posix.dirname(file), from))) found.set(name, place)
  }
  for (const [, name] of text.matchAll(/^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/gm))
    found.set(name, { file, original: name })
  return found
}

/** A declaration in one line. */
function declaration(out, file, name) {
  const statements = read(out, file).split(/^(?=(?:export|declare|import|type|interface|const) )/m)
  const own = statements.filter(text => new RegExp(`^export (?:declare )?(?:const|function|class|interface|type) ${name}\\b`).test(text))
  if (own.length === 0) return importOf(read(out, file), name) ?? fail(`${file} does not declare ${name}`)
  return own
    .map(text =>
      text
        .replace(/^export (declare )?/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .join(' ')
}

/** Another package's: which one is all there is to say. */
const importOf = (text, name) =>
  text.match(new RegExp(`^import (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from '[^']+'`, 'm'))?.[0].replace(/^.* from/, 'from')

function fail(message) {
  throw new Error(message)
}

const read = (out, file) => readFileSync(path.join(out, file.replace(/\.ts(x?)$/, '.d.ts')), 'utf8').replaceAll('"', "'")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  if (process.argv.includes('--write')) writeFileSync(path.join(root, snapshot), currentApi(root))
  else {
    const problems = apiProblems(root)
    console.log(problems.length > 0 ? problems.join('\n') : 'as in core/api.txt')
    process.exitCode = problems.length > 0 ? 1 : 0
  }
}
