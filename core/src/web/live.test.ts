import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember } from '../testing/factories.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { tellLive } from './live.ts'

let t: TestWeb
let staff: TestClient
beforeAll(async () => {
  t = await testWeb()
  staff = await t.signIn('staff')
})
afterAll(() => t.close())

/** The events of a stream, one by one. */
async function open(topic: string) {
  const answer = await staff.get(`/live?topic=${topic}`)
  expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream'])
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  const next = async () => /event: (\w+)/.exec(new TextDecoder().decode((await reader.read()).value))?.[1]
  expect(await next()).toBe('open')
  return { next, close: () => reader.cancel() }
}

test('a page is told of what was committed about its topic, and of nothing else', async () => {
  const stream = await open('run:12')
  await t.coin.write(tx => tellLive(tx, 'run:13'))
  await t.coin
    .write(async tx => {
      await tellLive(tx, 'run:12')
      throw new Error('rolled back')
    })
    .catch(() => {})
  const other = await open('run:13')
  await t.coin.write(tx => tellLive(tx, 'run:13'))
  expect(await other.next()).toBe('changed')
  await t.coin.write(tx => tellLive(tx, 'run:12'))
  expect(await stream.next()).toBe('changed')
  await stream.close()
  await other.close()
})

test('after the database has ended its connection, everybody looks again and is told again', async () => {
  const stream = await open('run:1')
  await t.coin.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coin live' AND datname = current_database()",
  )
  expect(await stream.next()).toBe('changed')
  const later = await open('run:1')
  await t.coin.write(tx => tellLive(tx, 'run:1'))
  expect(await later.next()).toBe('changed')
  await stream.close()
  await later.close()
})

test('only staff may listen, and only to what can be a topic', async () => {
  expect((await t.client().get('/live?topic=run:1')).status).toBe(302)
  const member = await t.member(await addMember(t.coin))
  expect((await member.get('/live?topic=run:1')).status).toBe(403)
  for (const topic of ['', 'run 1', "run:1'", 'a'.repeat(100)])
    expect((await staff.get(`/live?topic=${encodeURIComponent(topic)}`)).status).toBe(404)
})
