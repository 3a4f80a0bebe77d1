import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

test('two transactions that lock in opposite order deadlock, and both succeed', async () => {
  const [a, b] = [await addMember(coin), await addMember(coin)]
  let meet: () => void = () => {}
  const met = new Promise<void>(resolve => {
    meet = resolve
  })
  let arrived = 0
  const crossing = (first: number, second: number) => {
    let attempt = 0
    return coin.write(async tx => {
      attempt += 1
      await tx.execute(sql`UPDATE member SET comments = comments || 'x' WHERE id = ${first}`)
      if (attempt === 1 && ++arrived === 2) meet()
      if (attempt === 1) await met
      await tx.execute(sql`UPDATE member SET comments = comments || 'x' WHERE id = ${second}`)
    })
  }
  await Promise.all([crossing(a, b), crossing(b, a)])
  const { rows } = await coin.pool.query('SELECT comments FROM member WHERE id = ANY ($1)', [[a, b]])
  expect(rows).toEqual([{ comments: 'xx' }, { comments: 'xx' }])
})

test('history and outbox roll back with the change', async () => {
  const count = async () =>
    (await coin.pool.query<{ n: number }>(`SELECT (SELECT count(*) FROM coin.history)::int + (SELECT count(*) FROM coin.outbox)::int AS n`))
      .rows[0]?.n
  const before = await count()
  await expect(
    coin.write(async tx => {
      await tx.execute(sql`INSERT INTO member (last_name, email, username) VALUES ('Gone', 'gone@example.org', '')`)
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(await count()).toBe(before)
})

test('the history says who acted, in Coin and in psql', async () => {
  const id = await addMember(coin)
  await coin.pool.query(`UPDATE member SET nickname = 'Ada' WHERE id = $1`, [id])
  const { rows } = await coin.pool.query(
    `SELECT op, actor ->> 'label' AS who, changes -> 'nickname' AS nickname FROM coin.history WHERE table_name = 'member' AND row_id = $1 ORDER BY id`,
    [id],
  )
  expect(rows).toMatchObject([
    { op: 'added', who: 'test' },
    { op: 'changed', who: 'coin', nickname: ['', 'Ada'] },
  ])
})

test('what the database refuses comes in words, with the field', async () => {
  await addMember(coin, { email: 'twice@example.org' })
  const refused = coin.write(tx => tx.execute(sql`INSERT INTO member (last_name, email, username) VALUES ('', 'x@example.org', 'someone')`))
  await expect(refused).rejects.toMatchObject({ code: 'invalid', fields: [{ field: 'lastName' }], constraint: 'member_natural_has_name' })
})
