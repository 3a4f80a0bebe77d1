import { addMember, siteOf, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import withBeforeCommit from '../fixtures/apps/with-before-commit.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [withBeforeCommit()] })
})
afterAll(() => coin.close())

const lastNames = async () =>
  (await coin.pool.query<{ last_name: string }>('SELECT last_name FROM member ORDER BY id')).rows.map(row => row.last_name)

describe('beforeCommit', () => {
  test('may write in the transaction of the change', async () => {
    await addMember(coin, { lastName: 'Typo' })
    expect(await lastNames()).toContain('Corrected')
  })

  test('may refuse: then nothing of it is written, and the form says why', async () => {
    const before = await lastNames()
    await expect(addMember(coin, { lastName: 'Nobody' })).rejects.toMatchObject({
      code: 'refused',
      message: 'Nobody is somebody.',
      app: 'with_before_commit',
    })
    expect(await lastNames()).toEqual(before)
    const staff = await siteOf(coin).staff()
    const answer = await staff.post('/admin/members/new', {
      kind: 'natural',
      lastName: 'Nobody',
      email: 'n@example.org',
      country: 'FR',
      status: 'member',
    })
    expect(await answer.text()).toContain('Nobody is somebody.')
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await lastNames()).toEqual(before)
  })

  test('sees everything that one transaction changed, and may refuse all of it', async () => {
    const before = await lastNames()
    const refused = coin.write(async tx => {
      await tx.execute(
        sql`INSERT INTO member (last_name, email, username) VALUES ('Somebody', 's@example.org', ''), ('Nobody', 'n@example.org', '')`,
      )
    })
    await expect(refused).rejects.toMatchObject({ code: 'refused' })
    expect(await lastNames()).toEqual(before)
  })

  test('is not asked about what another program writes', async () => {
    await coin.pool.query(`INSERT INTO member (last_name, email, username) VALUES ('Nobody', 'psql@example.org', '')`)
    expect(await lastNames()).toContain('Nobody')
  })
})
