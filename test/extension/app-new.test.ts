import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { type TestDatabase, testDatabase } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newApp } from '../../core/src/cli/app-new.ts'
import { addToConfig } from '../../core/src/cli/app-new-config.ts'
import { type Project, project, repository } from './project.ts'

const config = `import { defineConfig } from 'coin'

export default defineConfig({
  provider: { name: 'Fresh' },
  apps: [],
})
`

let database: TestDatabase
let fresh: Project
beforeAll(async () => {
  database = await testDatabase({ empty: true })
  fresh = project(database.url, {}, { 'package.json': '{ "type": "module" }', 'coin.config.ts': config })
  symlinkSync(path.join(repository, 'node_modules'), path.join(fresh.folder, 'node_modules'))
})
afterAll(() => database.close())

describe('coin app new', () => {
  test('writes an app that type-checks, starts, shows up in the menu and passes its own tests', async () => {
    const said = await fresh.coin('app', 'new', 'fibre_line')
    for (const file of [
      'index.tsx',
      'tables.ts',
      'migrations/0000_initial.sql',
      'locales/fr.json',
      'static/css/fibre_line.css',
      'fibre-line.test.ts',
      'package.json',
    ]) {
      expect(said).toContain(`apps/fibre_line/${file}`)
      expect(existsSync(path.join(fresh.folder, 'apps/fibre_line', file))).toBe(true)
    }
    expect(readFileSync(path.join(fresh.folder, 'coin.config.ts'), 'utf8')).toContain('apps: [fibreLine()],')

    const options = JSON.parse(readFileSync(path.join(repository, 'tsconfig.json'), 'utf8'))
    fresh.write({ 'tsconfig.json': JSON.stringify({ ...options, include: ['apps', 'coin.config.ts'] }) })
    await fresh.run(path.join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.')

    expect(await fresh.coin('migrate')).toContain('fibre_line/0000_initial')
    expect(await fresh.coin('check')).not.toContain('rror')
    const address = await fresh.serve()
    expect((await fetch(`${address}/healthz`)).status).toBe(200)

    // its tests look for it in a member's menu, list and page
    fresh.write({
      'vitest.config.ts': `export default {
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: { globalSetup: ['coin/testing/setup'], server: { deps: { inline: ['coin'] } }, testTimeout: 60_000, hookTimeout: 120_000 },
}
`,
    })
    expect(await fresh.run(path.join(repository, 'node_modules/vitest/vitest.mjs'), 'run')).toMatch(/Tests .*3 passed/)
  }, 240_000)

  test.each(['New', 'my-app', '1st', 'é', '../x', 'class', 'members', 'admin', 'member', 'ip_subnet', 'pool', 'static', 'a'.repeat(41)])(
    'refuses the name %s',
    name => {
      expect(() => newApp(name, fresh.folder)).toThrow(
        expect.objectContaining({ code: 'invalid', fields: [expect.objectContaining({ field: 'name' })] }),
      )
    },
  )

  test('refuses what is there already', () => {
    expect(() => newApp('fibre_line', fresh.folder)).toThrow('{{folder}} exists already')
    expect(() => newApp('other_line', fresh.folder, ['other_line'])).toThrow('is taken')
  })
})

describe('the edit of coin.config.ts', () => {
  const lines = { import: `import b from './b.ts'`, call: 'b()' }
  const edit = (apps: string) =>
    addToConfig(
      `import { defineConfig } from 'coin'\nimport a from './a.ts'\nexport default defineConfig({ apps: ${apps} })\n`,
      lines,
    )?.split('\n')

  test.each([
    ['[]', '[b()]'],
    ['[a()]', '[a(), b()]'],
    ['[a({ names: [\'x]\', "y"] })]', '[a({ names: [\'x]\', "y"] }), b()]'],
  ])('%s becomes %s', (before, after) => {
    expect(edit(before)).toEqual([
      `import { defineConfig } from 'coin'`,
      `import a from './a.ts'`,
      lines.import,
      `export default defineConfig({ apps: ${after} })`,
      '',
    ])
  })

  test.each([
    ['[\n    a(),\n  ]', '[\n    a(),\n    b(),\n  ]'],
    ['[\n    a()\n  ]', '[\n    a(),\n    b(),\n  ]'],
    ['[\n    a(), // the first\n  ]', '[\n    a(), // the first\n    b(),\n  ]'],
    ['[\n    a() // no ] here\n  ]', '[\n    a(), // no ] here\n    b(),\n  ]'],
  ])('each on its own line stays so: %j', (before, after) => {
    expect(edit(before)?.slice(3).join('\n')).toBe(`export default defineConfig({ apps: ${after} })\n`)
  })

  test.each(['apps', '[...apps', 'list()', '[a()], other: { apps: [] }'])(
    'what is not written in the usual way is left alone: %s',
    apps => {
      expect(edit(apps)).toBeUndefined()
    },
  )
})
