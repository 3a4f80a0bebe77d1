import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import withAfterCommit from '../../../test/fixtures/apps/with-after-commit/index.ts'
import withJob from '../../../test/fixtures/apps/with-job/index.ts'
import { kill, workerProcess } from '../../../test/fixtures/worker/process.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { type TestSmtp, testSmtp } from '../testing/smtp.ts'
import { until } from '../testing/until.ts'
import { addDraft } from './draft.ts'
import { issueInvoices } from './issue.ts'

let coin: TestCoin
let smtp: TestSmtp
beforeAll(async () => {
  smtp = await testSmtp()
  vi.stubEnv('SMTP_URL', smtp.url)
  coin = await testCoin({ apps: [withAfterCommit(), withJob()] })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await coin?.close()
  await smtp?.close()
})

const count = async (statement: string) => Number((await coin.pool.query(`SELECT count(*) AS n ${statement}`)).rows[0]?.n)

test('whenever workers are killed, each invoice gets one PDF and one mail', async () => {
  const members = await Promise.all(Array.from({ length: 60 }, () => addMember(coin)))
  await coin.asSystem('test', () =>
    coin.write(async tx => {
      const ids: number[] = []
      for (const memberId of members) ids.push(await addDraft(tx, { memberId, lines: [{ description: 'DSL', unitPrice: '28' }] }))
      await issueInvoices(tx, ids)
    }),
  )
  // each dies at another point: with a batch under way, one kept, some mailed
  for (const made of [0, 1, 26]) {
    const worker = await workerProcess(coin.url)
    await until(async () => (await count('FROM invoice WHERE pdf_hash IS NOT NULL')) >= made)
    await kill(worker)
  }
  const last = await workerProcess(coin.url)
  await until(async () => (await count('FROM invoice WHERE mailed_at IS NULL')) === 0)
  await kill(last)
  expect(await count('FROM coin.mail WHERE about_kind = $$invoice$$')).toBe(members.length)
  expect(await count('FROM (SELECT DISTINCT about_id FROM coin.mail) AS m')).toBe(members.length)
  expect(await count(`FROM coin.history WHERE table_name = 'invoice' AND op = 'changed' AND changes ? 'pdf_hash'`)).toBe(members.length)
}, 120_000)
