import { type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import vpnApp from '../index.tsx'
import { addAccount, inJob, settings, type Workplace, workplace } from './fixture.ts'
import { issueCertificate } from './issue.ts'
import { remind } from './reminders.ts'
import { readRequest } from './request.ts'

let coin: TestCoin
let place: Workplace
beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp({ certificates: {} })], provider: { name: 'Collines', timeZone: 'Europe/Paris' } })
  place = workplace()
})
afterAll(async () => {
  place.close()
  await coin.close()
})

const run = () => inJob(coin, tx => remind(tx, settings))
const mails = async () => {
  const { rows } = await coin.pool.query<{ recipient: string; subject: string; body: string }>(
    'SELECT recipient, subject, body FROM coin.mail ORDER BY id',
  )
  await coin.pool.query('DELETE FROM coin.mail')
  return rows
}

async function certified(language = '') {
  const account = await addAccount(coin)
  await coin.pool.query('UPDATE member SET language = $2 WHERE id = $1', [account.member, language])
  const { csr } = await place.request()
  const { certificate } = await inJob(coin, async tx => issueCertificate(tx, settings, account.id, await readRequest(csr), 'csr'))
  return {
    ...account,
    async left(days: number) {
      await coin.pool.query('ALTER TABLE vpn_certificate DISABLE TRIGGER vpn_certificate_guard')
      await coin.pool.query(
        `UPDATE vpn_certificate SET not_before = '2020-01-01', not_after = now() + make_interval(secs => $2::float8 * 86400) WHERE serial = $1`,
        [certificate.serial, days],
      )
      await coin.pool.query('ALTER TABLE vpn_certificate ENABLE TRIGGER vpn_certificate_guard')
    },
  }
}

test('thirty, fourteen and three days before the end there is one mail each, in the language of the member', async () => {
  const account = await certified()
  await account.left(31)
  expect(await run()).toBe(0)
  const subjects: string[] = []
  for (const days of [29.9, 29, 20, 13.9, 13, 5, 2.9, 1, 0.5]) {
    await account.left(days)
    await run()
    await run()
    subjects.push(...(await mails()).map(({ subject }) => `${days}: ${subject}`))
  }
  expect(subjects).toEqual([
    '29.9: Your VPN certificate ends in 30 days',
    '13.9: Your VPN certificate ends in 14 days',
    '2.9: Your VPN certificate ends in 3 days',
  ])
  const french = await certified('fr')
  await french.left(0.5)
  expect(await run()).toBe(1)
  const [mail] = await mails()
  expect(mail?.subject).toBe('Votre certificat VPN prend fin dans 1\u00a0jour')
  expect(mail?.body).toMatch(new RegExp(`^Bonjour [\\s\\S]*${french.login}[\\s\\S]* \\d{4}[\\s\\S]*Collines$`))
  expect(mail?.body).not.toMatch(/certificate|Renew/)
})

test('no mail for one that is revoked, renewed, over, or of a subscription that has ended; two workers send one', async () => {
  const [revoked, renewed, over, ended, due] = [
    await certified(),
    await certified(),
    await certified(),
    await certified(),
    await certified(),
  ]
  for (const each of [revoked, renewed, ended, due]) await each.left(10)
  await over.left(-1)
  await coin.pool.query('UPDATE vpn_certificate SET revoked_at = now() WHERE configuration_id = $1', [revoked.id])
  await inJob(coin, async tx => issueCertificate(tx, settings, renewed.id, await readRequest((await place.request()).csr), 'csr'))
  await coin.pool.query(
    'UPDATE subscription SET resigned_on = current_date - 1 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)',
    [ended.id],
  )
  const counts = await Promise.all([run(), run(), run()])
  expect(counts.toSorted()).toEqual([0, 0, 1])
  const { rows } = await coin.pool.query<{ email: string }>('SELECT email FROM member WHERE id = $1', [due.member])
  expect((await mails()).map(({ recipient }) => recipient)).toEqual([rows[0]?.email])
})
