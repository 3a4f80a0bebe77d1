// Which source imports which: the parts of the core in one direction, apps only what they may, no cycles.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { sourcesIn, withoutComments } from './sources.js'

/** The domain, each importing only those before it. */
const domain = [
  'system',
  'transfer',
  'accounts',
  'members',
  'subscriptions',
  'staff',
  'billing',
  'payments',
  'fees',
  'reminders',
  'accounting',
  'owing',
  'configurations',
  'resources',
  'provisioning',
  'search',
  'audit',
  'requests',
  'personal',
]
/** What knows no domain. */
const machinery = ['app', 'db', 'web', 'ui', 'admin', 'jobs']
/** Where sign-in is, which the web server asks who somebody is. */
const allowed = new Set(['web accounts', 'web audit', 'web system', 'admin system', 'jobs system'])

/** Every wrong import, as a sentence. */
export function importProblems(root) {
  const files = ['core/src', 'apps', 'backends'].flatMap(folder => sourcesIn(root, folder))
  const imports = new Map(files.map(file => [file, importsOf(readFileSync(path.join(root, file), 'utf8'))]))
  return [
    ...files.flatMap(file => directionProblems(file, imports.get(file))),
    ...files.filter(file => /^(apps|backends)\//.test(file)).flatMap(file => appProblems(file, imports.get(file), packagesOf(root, file))),
    ...cycles(
      new Map(
        [...imports].map(([file, all]) => [
          file,
          all.filter(({ type }) => !type).flatMap(({ from }) => (from.startsWith('.') ? [target(file, from)] : [])),
        ]),
      ),
    ),
  ]
}

/** What a source imports: from where, and whether only types. */
export function importsOf(text) {
  const statements = withoutComments(text).matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
  )
  return [...statements].flatMap(([, type, names, from, dynamic]) => {
    const onlyTypes =
      Boolean(type) ||
      (names !== undefined && /^\{\s*type\s[^}]*\}$/.test(names) && names.split(',').every(name => /^\s*\{?\s*(type\s|\}?\s*$)/.test(name)))
    return [{ from: from ?? dynamic, type: onlyTypes, dynamic: dynamic !== undefined }]
  })
}

/** Within the core, by folder. Tests may import anything. */
export function directionProblems(file, imports) {
  const own = partOf(file)
  if (own === undefined || isTest(file)) return []
  return imports.flatMap(({ from }) => {
    const other = from.startsWith('.') ? partOf(target(file, from)) : undefined
    if (other === undefined || other === own || allowed.has(`${own} ${other}`)) return []
    const place = domain.indexOf(other)
    if (place === -1) return []
    if (machinery.includes(own)) return [`${file} imports ${from}: ${own} knows nothing of ${other}`]
    return place > domain.indexOf(own) ? [`${file} imports ${from}: ${other} comes after ${own}`] : []
  })
}

/** An app or a backend: `coin`, its own files, and the packages it declares. */
export function appProblems(file, imports, packages) {
  const folder = file.split('/').slice(0, 2).join('/')
  return imports.flatMap(({ from }) => {
    if (from.startsWith('.')) return target(file, from).startsWith(`${folder}/`) ? [] : [`${file} imports ${from}, which is not its own`]
    if (from === 'coin' || from.startsWith('node:')) return []
    if (isTest(file) && ['coin/testing', 'vitest', 'fast-check', 'drizzle-orm/pg-core'].includes(from)) return []
    const name = from
      .split('/')
      .slice(0, from.startsWith('@') ? 2 : 1)
      .join('/')
    if (name !== 'coin' && packages.has(name)) return []
    return [
      name === 'coin'
        ? `${file} imports ${from}: an app uses what 'coin' exports`
        : `${file} imports ${from}, which its package.json does not name`,
    ]
  })
}

/** Files that need each other to load. Types are no need. */
export function cycles(graph) {
  const found = []
  const done = new Set()
  const visit = (file, trail) => {
    if (trail.includes(file)) return found.push(`${[...trail.slice(trail.indexOf(file)), file].join(' → ')} is a cycle`)
    if (done.has(file)) return undefined
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

const isTest = file => /\.test(-d)?\.tsx?$|(^|\/)fixtures?(\/|\.tsx?$)/.test(file)
const target = (file, from) => path.posix.join(path.posix.dirname(file), from)

function partOf(file) {
  const [core, src, part, rest] = file.split('/')
  return core === 'core' && src === 'src' && rest !== undefined && [...domain, ...machinery].includes(part) ? part : undefined
}

function packagesOf(root, file) {
  const manifest = path.join(root, ...file.split('/').slice(0, 2), 'package.json')
  if (!existsSync(manifest)) return new Set()
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(manifest, 'utf8'))
  return new Set(Object.keys({ ...dependencies, ...peerDependencies }))
}
