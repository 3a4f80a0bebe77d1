import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import vpnApp from '../index.tsx'
import { findAuthority, makeAuthority } from './authority.ts'
import { findCrl, refreshCrl } from './crl.ts'
import { inJob, settings, type Workplace, workplace } from './fixture.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../openvpn/fetch-crl', import.meta.url))

let coin: TestCoin
let place: Workplace
let server: Server
let ca: string
let file: string
/** What the server answers. */
let answer: { status: number; text: string }
let expired: string
/** Lists of this authority, one after the other. */
const lists: string[] = []

beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp({})] })
  place = workplace()
  await inJob(coin, tx => makeAuthority(tx, undefined))
  await inJob(coin, tx => refreshCrl(tx, settings))
  const next = async (after: number, days: number) => {
    await coin.pool.query(`UPDATE vpn_crl SET number = $1, made_at = now() - interval '2 days'`, [after])
    await inJob(coin, tx => refreshCrl(tx, { ...settings, crlDays: days }))
    return (await inJob(coin, findCrl))?.crl ?? ''
  }
  // the order of numbers is not that of their digits
  for (const after of [8, 15, 254, 999]) lists.push(await next(after, 7))
  expired = await next(5000, -1)
  ca = place.file('ca.pem', (await inJob(coin, findAuthority))?.certificate ?? '')
  server = createServer((_request, response) => response.writeHead(answer.status).end(answer.text)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  place.close()
  await coin.close()
})
beforeEach(() => {
  const folder = path.join(place.folder, 'there')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  file = path.join(folder, 'crl.pem')
})

const fetchCrl = async () => fetchFrom((server.address() as AddressInfo).port)
const fetchFrom = async (port: number) => {
  return run(script, [`http://127.0.0.1:${port}/vpn/crl.pem`, ca, file]).then(
    () => 'done',
    (error: { stderr: string }) => error.stderr,
  )
}
const give = (text: string, status = 200) => {
  answer = { status, text }
}
const list = (index: number) => lists[index] ?? ''

test('a list of the authority arrives whole and readable, and a newer one after it', async () => {
  for (const index of [0, 1, 2, 3]) {
    give(list(index))
    expect(await fetchCrl()).toBe('done')
    expect(readFileSync(file, 'utf8')).toBe(list(index))
  }
  expect(statSync(file).mode & 0o777).toBe(0o644)
  expect(readdirSync(path.dirname(file))).toEqual(['crl.pem'])
  const { ino } = statSync(file)
  expect(await fetchCrl()).toBe('done')
  expect(statSync(file).ino).toBe(ino)
})

test('an older list, another authority’s, an expired one, an error page and a server that is away change nothing', async () => {
  give(list(3))
  expect(await fetchCrl()).toBe('done')
  const other = await foreignList()
  const refused: readonly (readonly [string, number, string])[] = [
    [list(2), 200, 'is older'],
    [list(0), 200, 'is older'],
    [other, 200, 'not a list signed by'],
    [expired, 200, 'has expired'],
    ['<html>Sign in</html>', 200, 'not a list signed by'],
    ['', 200, 'not a list signed by'],
    [list(3).slice(0, 300), 200, 'not a list signed by'],
    [list(3), 500, 'does not give a list'],
  ]
  for (const [text, status, reason] of refused) {
    give(text, status)
    expect(await fetchCrl()).toContain(reason)
    expect(readFileSync(file, 'utf8')).toBe(list(3))
    expect(readdirSync(path.dirname(file))).toEqual(['crl.pem'])
  }
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  expect(await fetchFrom(port)).toContain('does not give a list')
  expect(readFileSync(file, 'utf8')).toBe(list(3))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

test('a damaged file is replaced, and wrong usage is told', async () => {
  writeFileSync(file, 'half a li')
  give(list(0))
  expect(await fetchCrl()).toBe('done')
  expect(readFileSync(file, 'utf8')).toBe(list(0))
  await expect(run(script, ['http://127.0.0.1/'])).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('usage') })
})

/** A list that another authority of the same name signed. */
async function foreignList(): Promise<string> {
  const elsewhere = await testCoin({ apps: [vpnApp({})] })
  try {
    await inJob(elsewhere, tx => makeAuthority(tx, undefined))
    await inJob(elsewhere, tx => refreshCrl(tx, settings))
    return (await inJob(elsewhere, findCrl))?.crl ?? ''
  } finally {
    await elsewhere.close()
  }
}
