import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Conformance, conformance } from 'coin/testing'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Program, startProgram } from './fixtures/program.ts'
import app, { route } from './fixtures/route/index.ts'

// Both on a small file system of their own, so that it can be full.
const disk = mkdtempSync(path.join(tmpdir(), 'coin-conformance-'))
const at = (name: string) => path.join(disk, name)
let program: Program

beforeAll(async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0755', 'coin-conformance', disk])
  await Promise.all(['each', 'all'].map(name => mkdir(at(name))))
  program = await startProgram()
})
afterAll(async () => {
  execFileSync('umount', [disk])
  await rm(disk, { recursive: true, force: true })
  await program.close()
})
// nothing is left of any batch
afterEach(async () => expect(await readFile(at('each/.coin-routes/journal'), 'utf8').catch(() => 'none')).toBe('none'))

const apps = (shape: 'routes' | 'all_routes') => () => [
  app({ shape, folder: at('each'), file: at('all/coin.conf'), reload: [...program.reload] }),
]

const common: Pick<Conformance<typeof route>, 'table' | 'pools' | 'values' | 'change' | 'rename' | 'fill'> = {
  table: route,
  pools: ['192.0.2.0/24', '2001:db8::/40'],
  values: n => ({ login: `ada${n}`, gateway: `198.51.100.${n}`, password: `hunter-two-${n}` }),
  change: { gateway: '198.51.100.254' },
  rename: n => ({ login: `grace${n}` }),
  fill: async () => {
    const { bavail, bsize } = await statfs(disk)
    await writeFile(at('ballast'), Buffer.alloc(bavail * bsize))
    return () => rm(at('ballast'))
  },
}

const away = (name: string) => ({
  stop: () => rename(at(name), at(`${name}-away`)),
  start: () => rename(at(`${name}-away`), at(name)),
})

conformance('routes', {
  apps: apps('routes'),
  ...common,
  edit: file => appendFile(file, 'route 0.0.0.0/0 via 203.0.113.1;\n'),
  server: away('each'),
  hide: async file => {
    await rename(file, `${file}.away`)
    await mkdir(file)
    return async () => {
      await rm(file, { recursive: true })
      await rename(`${file}.away`, file)
    }
  },
})

conformance('all_routes', {
  apps: apps('all_routes'),
  ...common,
  edit: async key => {
    const text = await readFile(at('all/coin.conf'), 'utf8')
    await writeFile(at('all/coin.conf'), text.replace(`# >>> ${key}\n`, `# >>> ${key}\nroute 0.0.0.0/0 via 203.0.113.1;\n`))
  },
  server: away('all'),
})
