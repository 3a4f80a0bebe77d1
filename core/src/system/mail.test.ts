import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { type TestSmtp, testSmtp } from '../testing/smtp.ts'
import { deliverMails } from './deliver-mail.ts'
import { readFile, storeFile } from './file.ts'
import { partsOf } from './mail.fixture.ts'
import { type Mail, sendMail, sendMails } from './mail.ts'

let coin: TestCoin
let server: TestSmtp
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  server = await testSmtp()
})
beforeEach(async () => {
  vi.stubEnv('SMTP_URL', server.url)
  server.mails.length = 0
  await coin.pool.query('DELETE FROM coin.mail; DELETE FROM graphile_worker._private_jobs')
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await server?.close()
  await coin?.close()
})

const deliver = () => coin.asSystem('test', () => coin.write(deliverMails))
const send = (mail: Partial<Mail>) => coin.write(tx => sendMail(tx, { to: 'a@example.org', subject: 's', text: 't', ...mail }))
const store = (content: Uint8Array, mediaType = 'application/pdf') => coin.write(tx => storeFile(tx, { content, mediaType }))
const count = async (what: string) => (await coin.pool.query(`SELECT count(*)::int AS n FROM ${what}`)).rows[0].n as number

describe('a generated file', () => {
  test('is kept once under the hash of its content, and read by it', async () => {
    const content = randomBytes(5000)
    const [hash, again] = await Promise.all([store(content), store(new Uint8Array(content))])
    expect(again).toBe(hash)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await readFile(coin.database.db, hash)).toMatchObject({ hash, mediaType: 'application/pdf', name: null, content })
    expect(await readFile(coin.database.db, '00'.repeat(32))).toBeUndefined()
    expect(await count(`coin.file WHERE size = 5000 AND hash = sha256(content)`)).toBe(1)
  })
  test('never changes, and stays for as long as a mail has it', async () => {
    const hash = await store(Buffer.from('kept'))
    await send({ attachments: [{ name: 'kept.pdf', file: hash }] })
    const refused = (statement: string) => expect(coin.pool.query(statement)).rejects
    await refused(`UPDATE coin.file SET content = 'x'`).toThrow('A generated file never changes.')
    await refused(`UPDATE coin.file SET media_type = 'text/plain'`).toThrow('A generated file never changes.')
    await refused('TRUNCATE coin.file CASCADE').toThrow('cannot be truncated')
    await refused(`DELETE FROM coin.file WHERE hash = '\\x${hash}'`).toThrow('mail_attachment_file')
    await refused(`INSERT INTO coin.file (hash, media_type, content) VALUES (sha256('a'), 'text/plain', 'b')`).toThrow('file_hash')
    await coin.pool.query('DELETE FROM coin.mail')
    await coin.pool.query(`DELETE FROM coin.file WHERE hash = '\\x${hash}'`)
  })
  test('that is not stored cannot be attached', async () => {
    await expect(send({ attachments: [{ name: 'x', file: 'ab'.repeat(32) }] })).rejects.toMatchObject({
      constraint: 'mail_attachment_file',
    })
    expect(await count('coin.mail')).toBe(0)
  })
})

describe('attachments', () => {
  test('arrive as they are, under their names, beside the text', async () => {
    const [pdf, xml] = [randomBytes(60_000), Buffer.from('<a>é</a>\n')]
    await send({
      text: 'Votre facture\n\n.\nFin',
      language: 'fr',
      attachments: [
        { name: 'Facture d’octobre "1".pdf', file: await store(pdf) },
        { name: 'x\r\nBcc: evil@example.org', file: await store(xml, 'application/xml') },
      ],
    })
    expect(await deliver()).toEqual({ sent: 1, failed: 0 })
    const source = server.mails[0]?.source ?? ''
    expect(source).toContain('Content-Language: fr\r\n')
    expect(source).not.toMatch(/^Bcc:/im)
    const [text, first, second, ...rest] = partsOf(source)
    expect(rest).toEqual([])
    expect(text?.content.toString()).toContain('Votre facture\r\n\r\n.\r\nFin')
    expect(first?.headers).toContain('Content-Type: application/pdf')
    expect(first?.headers).toMatch(/filename\*0\*=utf-8''Facture%20d%E2%80%99octobre%20%221%22\.pdf/)
    expect(first?.content.equals(pdf)).toBe(true)
    expect(second?.content.equals(xml)).toBe(true)
  })
  test('are in the copy when there is no mail server', async () => {
    vi.stubEnv('SMTP_URL', '')
    const pdf = randomBytes(3000)
    await send({ attachments: [{ name: 'a.pdf', file: await store(pdf) }] })
    expect(await deliver()).toEqual({ sent: 1, failed: 0 })
    const { id } = (await coin.pool.query('SELECT id FROM coin.mail')).rows[0]
    const copy = readFileSync(path.join(coin.data, 'mail', `${id}.eml`), 'latin1')
    expect(copy).not.toContain('\r')
    expect(partsOf(copy.replaceAll('\n', '\r\n'))[1]?.content.equals(pdf)).toBe(true)
  })
  test('of many mails are not all in memory at once', async () => {
    vi.stubEnv('SMTP_URL', '')
    const large = (letter: string) => store(Buffer.alloc(9_000_000, letter))
    const [a, b] = [await large('a'), await large('b')]
    for (const file of [a, a, b]) await send({ attachments: [{ name: 'large', file }] })
    expect(await deliver()).toEqual({ sent: 2, failed: 0 })
    expect(await deliver()).toEqual({ sent: 1, failed: 0 })
  })
})

describe('many mails', () => {
  test('are queued by one statement and asked for once, each with its own attachments', async () => {
    const files = await Promise.all(['one', 'two'].map(text => store(Buffer.from(text))))
    const mails = Array.from(
      { length: 1000 },
      (_, n): Mail => ({
        to: `n${n}@example.org`,
        subject: `Invoice ${n}`,
        text: `Text ${n}`,
        attachments: (n % 2 ? files : files.slice(0, 1)).map(file => ({ name: `${n}.txt`, file })),
        about: { kind: 'invoice', id: n },
      }),
    )
    let statements = 0
    await coin.write(async tx => {
      const counted = new Proxy(tx, {
        get: (target, key) => {
          if (key === 'execute') statements++
          return Reflect.get(target, key)
        },
      })
      await sendMails(counted, mails)
    })
    expect(statements).toBe(2)
    expect(await count('graphile_worker.jobs')).toBe(1)
    expect(await count('coin.mail_attachment')).toBe(1500)
    const { rows } = await coin.pool.query(`
      SELECT recipient, subject, body, about_kind, about_id::int, array_agg(encode(a.hash, 'hex') ORDER BY position) AS files
      FROM coin.mail m JOIN coin.mail_attachment a ON a.mail_id = m.id GROUP BY m.id ORDER BY m.id`)
    expect(rows).toEqual(
      mails.map(mail => ({
        recipient: mail.to,
        subject: mail.subject,
        body: mail.text,
        about_kind: 'invoice',
        about_id: mail.about?.id,
        files: mail.attachments?.map(({ file }) => file),
      })),
    )
    await coin.write(tx => sendMails(tx, []))
    expect(await count('coin.mail')).toBe(1000)
  })
  test('leave in batches that ask for the next, each once', async () => {
    await coin.write(tx =>
      sendMails(
        tx,
        Array.from({ length: 120 }, (_, n) => ({ to: `n${n}@example.org`, subject: 's', text: 't' })),
      ),
    )
    await coin.pool.query('DELETE FROM graphile_worker._private_jobs')
    const rounds = [await deliver(), await deliver(), await deliver()]
    expect(rounds.map(({ sent }) => sent)).toEqual([50, 50, 20])
    expect(await count('graphile_worker.jobs')).toBe(2)
    expect(new Set(server.mails.map(({ to }) => to)).size).toBe(120)
    expect(server.mails).toHaveLength(120)
  })
  test('wait for the schedule while the server is away: it is asked once a batch', async () => {
    const gone = await testSmtp()
    await gone.close()
    vi.stubEnv('SMTP_URL', gone.url)
    await coin.write(tx =>
      sendMails(
        tx,
        Array.from({ length: 60 }, () => ({ to: 'a@example.org', subject: 's', text: 't' })),
      ),
    )
    await coin.pool.query('DELETE FROM graphile_worker._private_jobs')
    expect(await deliver()).toEqual({ sent: 0, failed: 50 })
    expect(await count('graphile_worker.jobs')).toBe(0)
    expect(await count(`coin.mail WHERE error LIKE '%ECONNREFUSED%' AND attempts = 1 AND next_attempt_at > now()`)).toBe(50)
  })
  test('a mail that fails for days waits for a person', async () => {
    await send({ to: 'refused@example.org' })
    await coin.pool.query('UPDATE coin.mail SET attempts = 79')
    expect(await deliver()).toEqual({ sent: 0, failed: 1 })
    expect(await count(`coin.mail WHERE attempts = 80 AND next_attempt_at = 'infinity'`)).toBe(1)
  })
})

test('a mail whose sending was cut off before it was noted goes again under the same Message-ID', async () => {
  await send({ text: 'once or twice' })
  const cutOff = coin.asSystem('test', () =>
    coin.write(async tx => {
      await deliverMails(tx)
      await tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`)
    }),
  )
  await expect(cutOff).rejects.toThrow()
  expect(server.mails).toHaveLength(1)
  expect(await deliver()).toEqual({ sent: 1, failed: 0 })
  const ids = server.mails.map(({ source }) => /^Message-ID: (\S+)/im.exec(source)?.[1])
  expect(ids).toHaveLength(2)
  expect(ids[0]).toBeTruthy()
  expect(ids[1]).toBe(ids[0])
})
