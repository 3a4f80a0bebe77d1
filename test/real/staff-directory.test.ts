import { afterAll, beforeAll, expect, test } from 'vitest'
import { createUser } from '../../core/src/accounts/rules.ts'
import { defineConfig } from '../../core/src/app/config.ts'
import { readDirectory } from '../../core/src/staff/follow-directory.ts'
import { type Person, personNamed } from '../../core/src/staff/queries.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/coin.ts'
import { type Slapd, startSlapd } from './slapd.ts'

let slapd: Slapd
let coin: TestCoin
const group = (name: string) => `cn=${name},${slapd.base}`
const person = (uid: string) => `uid=${uid},${slapd.base}`

beforeAll(async () => {
  slapd = await startSlapd()
  await slapd.modify(
    ['ada', 'ben']
      .map(
        uid => `dn: ${person(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid.toUpperCase()}@isp.test\n`,
      )
      .concat(
        `dn: ${group('admins')}\nobjectClass: groupOfNames\ncn: admins\nmember: ${person('ada')}\n`,
        `dn: ${group('readers')}\nobjectClass: groupOfNames\ncn: readers\nmember: ${person('ada')}\nmember: ${person('ben').toUpperCase()}\n`,
      )
      .join('\n'),
  )
  coin = await testCoin({
    apps: [],
    accounts: {
      directory: {
        url: slapd.url,
        bindDn: slapd.writerDn,
        password: slapd.writerPassword,
        users: slapd.base,
        roles: { [group('admins')]: 'Administrator', [group('readers')]: 'Reader' },
      },
    },
  })
  await coin.write(async tx => {
    await createUser({ email: 'hand@isp.test', name: 'By hand', role: 'staff' }, tx)
    for (const email of ['ada@isp.test', 'ben@isp.test', 'cleo@isp.test']) await createUser({ email, name: email, role: 'member' }, tx)
  })
})
afterAll(async () => {
  await coin?.close()
  await slapd?.close()
})

/** Reads the directory as the job does; the answer is why it could not. */
const read = (email?: string) =>
  coin.asSystem('test', async () => {
    const userId = email && (await named(email)).id
    return coin.write(tx => readDirectory(tx, userId))
  })
async function named(email: string): Promise<Person> {
  const found = await personNamed(coin.database.db, email)
  if (!found) throw new Error(`no ${email}`)
  return found
}
const rolesOf = async (email: string) => (await named(email)).roles.map(({ name, source }) => `${name} by ${source}`)

test('who is in a group of the directory has its role, by the e-mail address; what was given by hand stays apart', async () => {
  expect(await read()).toBeUndefined()
  expect(await rolesOf('ada@isp.test')).toEqual(['Administrator by directory', 'Reader by directory'])
  expect(await rolesOf('ben@isp.test')).toEqual(['Reader by directory'])
  expect(await rolesOf('cleo@isp.test')).toEqual([])
  expect(await rolesOf('hand@isp.test')).toEqual(['Administrator by hand'])
})

test('who is removed from the group loses the role, also when only they are asked about', async () => {
  await slapd.modify(`dn: ${group('readers')}\nchangetype: modify\ndelete: member\nmember: ${person('ben')}\n`)
  expect(await read('ben@isp.test')).toBeUndefined()
  expect(await rolesOf('ben@isp.test')).toEqual([])
  expect(await rolesOf('ada@isp.test')).toHaveLength(2)
})

test('whoever signs in is read again, once there is a directory', async () => {
  const { id } = await named('ben@isp.test')
  await coin.pool.query(`INSERT INTO auth.session (id, user_id, token, expires_at) VALUES ('s1', $1, 't1', now() + interval '1 day')`, [id])
  const { rows } = await coin.pool.query(`SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'staff:followDirectory'`)
  expect(rows).toEqual([{ key: `staff:followDirectory:${id}` }])
})

test('a group that is gone, and a directory that is dead, change nothing and are said', async () => {
  await slapd.modify(`dn: ${group('readers')}\nchangetype: modrdn\nnewrdn: cn=others\ndeleteoldrdn: 1\n`)
  expect(await read()).toContain(`The directory has no group ${group('readers')}`)
  expect(await rolesOf('ada@isp.test')).toHaveLength(2)
  await slapd.modify(`dn: ${group('others')}\nchangetype: modrdn\nnewrdn: cn=readers\ndeleteoldrdn: 1\n`)
  await slapd.stop()
  expect(await read()).toContain(`The directory at ${slapd.url} does not answer`)
  expect(await rolesOf('ada@isp.test')).toHaveLength(2)
  const { rows } = await coin.pool.query('SELECT error FROM staff_directory')
  expect(rows[0].error).toContain('does not answer')
  await slapd.start()
  expect(await read()).toBeUndefined()
  expect((await coin.pool.query('SELECT error FROM staff_directory')).rows).toEqual([{ error: null }])
})

test('the last administrator stays one, and why is said', async () => {
  await coin.pool.query(`UPDATE auth."user" SET disabled_at = now() WHERE email = 'hand@isp.test'`)
  await slapd.modify(`dn: ${group('admins')}\nchangetype: modify\nreplace: member\nmember: ${person('ben')}x\n`)
  expect(await read()).toContain('Nobody would be left who may do everything.')
  expect(await rolesOf('ada@isp.test')).toContain('Administrator by directory')
})

test('a role that there is not is named', async () => {
  const config = defineConfig({ apps: [], accounts: { directory: { url: 'ldap://x', users: 'dc=x', roles: {} } } })
  expect(config.problems.join()).toContain('names no group')
  await coin.pool.query(`UPDATE auth."user" SET disabled_at = NULL WHERE email = 'hand@isp.test'`)
  await coin.pool.query(`UPDATE role SET name = 'Readers' WHERE name = 'Reader'`)
  expect(await read()).toContain('No role is called Reader')
})
