import { expect, test } from 'vitest'
import { appProblems, cycles, directionProblems, importProblems, importsOf } from '../scripts/checks/imports.js'

const root = new URL('..', import.meta.url).pathname
const wrong = (file: string, from: string) => directionProblems(file, importsOf(`import { x } from '${from}'`))
const wrongInApp = (from: string) =>
  appProblems('apps/vpn/index.tsx', importsOf(`import { x } from '${from}'`), new Set(['drizzle-orm', '@node-rs/argon2']))

test('the sources import in one direction, without cycles, and apps only what they may', () => {
  expect(importProblems(root)).toEqual([])
})

test('what knows no domain may not import it, nor a part the one after it', () => {
  expect(wrong('core/src/db/migrate.ts', '../members/tables.ts')).toHaveLength(1)
  expect(wrong('core/src/members/rules.ts', '../subscriptions/tables.ts')).toHaveLength(1)
  expect(wrong('core/src/subscriptions/rules.ts', '../members/tables.ts')).toEqual([])
  expect(wrong('core/src/resources/rules.ts', '../db/database.ts')).toEqual([])
  expect(wrong('core/src/db/migrate.test.ts', '../members/tables.ts')).toEqual([])
})

test('an app imports coin, its own files and what its package.json names', () => {
  for (const from of ['coin', './tables.ts', 'node:path', 'drizzle-orm/pg-core', '@node-rs/argon2']) expect(wrongInApp(from)).toEqual([])
  for (const from of ['coin/testing', 'coin/src/coin.ts', '../simple_dsl/index.ts', '../../core/src/coin.ts', 'hono', 'vitest'])
    expect(wrongInApp(from)).toHaveLength(1)
})

test('imports are found however they are written', () => {
  const text = `import a, { b } from './a.ts'\nimport type { C } from './c.ts'\nimport {\n  type D,\n} from './d.ts'\nexport { e } from './e.ts'\nexport * from './f.ts'\nimport './g.ts'\n// import './no.ts'\nconst h = await import('./h.ts')\n`
  expect(importsOf(text).map(({ from, type }) => [from, type])).toEqual([
    ['./a.ts', false],
    ['./c.ts', true],
    ['./d.ts', true],
    ['./e.ts', false],
    ['./f.ts', false],
    ['./g.ts', false],
    ['./h.ts', false],
  ])
})

test('a cycle is found and named', () => {
  expect(
    cycles(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
  ).toEqual(['b → c → b is a cycle'])
  expect(
    cycles(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['c']],
        ['c', []],
      ]),
    ),
  ).toEqual([])
})
