// Completes package-lock.json with the optional platform packages that npm left out.
// When a registry does not serve a platform's package, `npm install` drops it from the lock and
// `npm ci` then refuses that lock as incomplete. Run after each `npm install <package>`.
import { readFileSync, writeFileSync } from 'node:fs'

const systems = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'aix', 'sunos', 'openharmony']
const processors = ['x64', 'arm64', 'arm', 'ia32', 'riscv64', 'ppc64', 's390x', 'loong64', 'mips64el']

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))
const added = []
for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] || lock.packages[`${owner}/node_modules/${name}`]) continue
    lock.packages[`node_modules/${name}`] = entryFor(name, range, entry.dev)
    added.push(name)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(added.length ? `added ${added.join(', ')}` : 'complete already')

function entryFor(name, range, dev) {
  const words = name.split(/[-/]/)
  const os = systems.filter(system => words.includes(system))
  const cpu = processors.filter(processor => words.includes(processor))
  const libc = words.includes('musl') ? ['musl'] : words.some(word => word.startsWith('gnu')) ? ['glibc'] : []
  return {
    version: range.replace(/^[\^~]/, ''),
    optional: true,
    ...(dev && { dev: true }),
    ...(os.length && { os }),
    ...(cpu.length && { cpu }),
    ...(libc.length && { libc }),
  }
}
