import { afterAll, beforeAll, expect, test } from 'vitest'
import { inJob, settings, type Workplace, workplace } from '../../apps/vpn/certificates/fixture.ts'
import { issueCertificate } from '../../apps/vpn/certificates/issue.ts'
import { readRequest } from '../../apps/vpn/certificates/request.ts'
import { addAccount } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { adminSite } from '../../core/src/admin/fixture.tsx'
import type { Actor } from '../../core/src/app/scope.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/index.ts'

let coin: TestCoin
let place: Workplace
beforeAll(async () => {
  place = workplace()
  coin = await testCoin({ apps: [vpnApp({ certificates: {} })] })
})
afterAll(async () => {
  place.close()
  await coin.close()
})

const staffWith = (...permissions: string[]): Actor => ({
  kind: 'user',
  label: 'Solène',
  userId: 'u1',
  roles: ['staff'],
  permissions: new Set(permissions),
})

test('staff need the permission to issue, another one to revoke, and another one for the list', async () => {
  const account = await addAccount(coin)
  const { csr } = await place.request()
  const { certificate } = await inJob(coin, async tx => issueCertificate(tx, settings, account.id, await readRequest(csr), 'csr'))
  const site = adminSite(coin)
  const file = `/vpn/${account.id}/certificates/${certificate.serial}`
  const sees = 'configuration.view'
  const outcome = async (actor: Actor) => {
    const answers = [
      await site.get(actor, `/vpn/${account.id}/certificate`),
      await site.post(actor, `/vpn/${account.id}/certificate`, { csr: 'x' }),
      await site.post(actor, `/vpn/${account.id}/certificate/bundle`, { password: 'x' }),
      await site.get(actor, `${file}/revoke`),
      await site.post(actor, `${file}/revoke`, {}),
      await site.get(actor, '/admin/vpn-certificates'),
    ]
    return answers.map(({ status }) => status)
  }
  // who may not do this with a configuration does not learn there that it exists
  for (const actor of [staffWith(), staffWith(sees)]) expect(await outcome(actor)).toEqual([404, 404, 404, 404, 404, 403])
  expect(await outcome(staffWith(sees, 'vpn_certificate.issue'))).toEqual([200, 422, 422, 404, 404, 403])
  expect(await outcome(staffWith(sees, 'vpn_certificate.revoke'))).toEqual([404, 404, 404, 200, 422, 403])
  expect(await outcome(staffWith(sees, 'vpn_certificate.view'))).toEqual([404, 404, 404, 404, 404, 200])
  const page = await (await site.get(staffWith('configuration.view'), `/vpn/${account.id}`)).text()
  expect(page).toContain('Valid until')
  expect(page).not.toContain(`${file}/revoke`)
  const { rows } = await coin.pool.query('SELECT revoked_at FROM vpn_certificate WHERE id = $1', [certificate.id])
  expect(rows).toEqual([{ revoked_at: null }])
})
