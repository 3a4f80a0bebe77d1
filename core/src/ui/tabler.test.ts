import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test } from 'vitest'
import { coreStatic } from './assets.ts'

test('the copy of Tabler’s stylesheet is that of the package', () => {
  const packaged = path.join(path.dirname(createRequire(import.meta.url).resolve('@tabler/core/package.json')), 'dist/css/tabler.min.css')
  expect(readFileSync(path.join(coreStatic.folder, 'tabler.min.css')).equals(readFileSync(packaged))).toBe(true)
})
