import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineApp } from '../app/app.ts'
import { currentScope } from '../app/scope.ts'
import { type TestWeb, testWeb } from '../testing/index.ts'

const machines = defineApp(
  { name: 'machines', verboseName: 'Machines', root: import.meta.url },
  {
    views: {
      tell: {
        path: '/tell',
        access: 'public',
        machine: true,
        post: async c => c.json({ who: currentScope().actor.kind, said: (await c.req.parseBody()).word }),
      },
      page: { path: '/page', access: 'public', post: c => c.text('written') },
    },
  },
)

let site: TestWeb
beforeAll(async () => {
  site = await testWeb({ apps: [machines()] })
})
afterAll(() => site.close())

const tell = (headers: Record<string, string>, body: BodyInit = new URLSearchParams({ word: 'hello' })) =>
  site.request('/machines/tell', { method: 'POST', body, headers })

test('a program needs no origin, and says who it is in a header', async () => {
  const answer = await tell({ Authorization: 'Bearer something' })
  expect([answer.status, await answer.json()]).toEqual([200, { who: 'nobody', said: 'hello' }])
})

test('without that header nothing runs, whoever is signed in and wherever the request comes from', async () => {
  const staff = await site.signIn('staff')
  for (const answer of [
    await tell({}),
    await staff.post('/machines/tell', { word: 'hello' }),
    await tell({ Origin: 'https://elsewhere.example' }),
  ]) {
    expect(answer.status).toBe(401)
    expect(await answer.text()).toBe('')
  }
})

test('a cookie counts for nothing', async () => {
  const staff = await site.signIn('staff')
  const answer = await staff.post('/machines/tell', { word: 'hello' }, { Authorization: 'Bearer something' })
  expect(await answer.json()).toMatchObject({ who: 'nobody' })
})

test('other pages still want to be sent from here, header or not', async () => {
  const answer = await site.request('/machines/page', { method: 'POST', headers: { Authorization: 'Bearer something' } })
  expect(answer.status).toBe(403)
})

test('what is sent is limited and has to be readable as anywhere', async () => {
  const authorization = { Authorization: 'Bearer something' }
  expect((await tell(authorization, new URLSearchParams({ word: 'x'.repeat(1_100_000) }))).status).toBe(413)
  expect((await tell(authorization, new URLSearchParams({ word: 'a\0b' }))).status).toBe(422)
  expect((await tell({ ...authorization, 'Content-Type': 'application/json' }, '{')).status).toBe(400)
})

test('a page for programs that asks for a right is refused at the start', async () => {
  const wrong = defineApp(
    { name: 'wrong', verboseName: 'Wrong', root: import.meta.url },
    { views: { tell: { path: '/tell', access: 'staff', machine: true, post: c => c.text('') } } },
  )
  await expect(testWeb({ apps: [wrong()] })).rejects.toThrow("wrong: views.tell: programs call it, and it says access: 'staff'")
})
