import path from 'node:path'
import { type TestDatabase, testDatabase } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Project, project, repository } from './project.ts'

let database: TestDatabase
let deployment: Project
beforeAll(async () => {
  database = await testDatabase()
  const apps = path.join(repository, 'test/fixtures/apps')
  deployment = project(
    database.url,
    { coin: path.join(repository, 'core') },
    {
      'package.json': '{ "type": "module" }',
      'coin.config.ts': `import { defineConfig } from 'coin'
import withCommand from '${apps}/with-command.ts'
import withResource from '${apps}/with-resource/index.ts'
export default defineConfig({ apps: [withCommand(), withResource()] })
`,
    },
  )
  await deployment.coin('migrate')
  await database.pool.query(
    `INSERT INTO member (last_name, email, username) VALUES ('Old', 'a@example.org', ''), ('Old', 'b@example.org', '')`,
  )
})
afterAll(() => database.close())

describe('a command of an app', () => {
  test('is listed with what it takes', async () => {
    const help = await deployment.coin('with_command', 'rename', '--help')
    expect(help).toContain('Gives members another last name')
    expect(help).toMatch(/<from> \[to\]/)
    expect(help).toContain('--dry-run')
    expect(help).toMatch(/--note <text>/)
  })

  test('is called what the list of apps says', async () => {
    expect(await deployment.coin('app', 'list')).toContain('coin with_command how-many')
    expect(await deployment.coin('with_command', 'how-many')).toContain('2')
  })

  test('gets its arguments and options, and a transaction', async () => {
    expect(JSON.parse(await deployment.coin('with_command', 'rename', 'Old', '--dry-run', '--note', 'why', '--json'))).toEqual({
      renamed: 2,
      note: 'why',
    })
    await deployment.coin('with_command', 'rename', 'Old', 'New')
    const { rows } = await database.pool.query(`SELECT DISTINCT last_name FROM member`)
    expect(rows).toEqual([{ last_name: 'New' }])
  })
})

describe('a resource of an app', () => {
  test('is added, listed, shown, changed and removed', async () => {
    const added = JSON.parse(await deployment.coin('tower', 'add', '--name', 'Hill', '--height-metres', '40', '--json'))
    expect(added).toMatchObject({ id: expect.any(Number) })
    expect(await deployment.coin('tower', 'list')).toContain('Hill')
    await deployment.coin('tower', 'change', String(added.id), '--height-metres', '42')
    expect(await deployment.coin('tower', 'show', String(added.id))).toContain('42')
    await deployment.coin('tower', 'remove', String(added.id), '--yes')
    expect(await deployment.coin('tower', 'list')).not.toContain('Hill')
  })

  test('what its table refuses is said in its words', async () => {
    await expect(deployment.coin('tower', 'add', '--name', 'Pit', '--height-metres=-1')).rejects.toThrow('A tower is not below the ground.')
  })
})
