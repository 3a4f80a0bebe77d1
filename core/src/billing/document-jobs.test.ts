import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { defineConfig } from '../app/config.ts'
import type { Actor } from '../app/scope.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { decrypted, keyPair } from '../system/mail.fixture.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { type TestSmtp, testSmtp } from '../testing/smtp.ts'
import { until } from '../testing/until.ts'
import { readPdf } from './document/pdf-tools.fixture.ts'
import { addDraft, type NewDraft } from './draft.ts'
import { issueInvoices } from './issue.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-template-'))
const template = path.join(folder, 'invoice.typ')
const good =
  '#let data = json(bytes(sys.inputs.data))\n#data.title #data.number #data.seller.name #data.buyer.name #for line in data.lines [#line.description #line.net]'
const silent = { info() {}, warn() {} }

let coin: TestCoin
let site: ReturnType<typeof adminSite>
let smtp: TestSmtp
let worker: RunningWorker | undefined
beforeAll(async () => {
  smtp = await testSmtp()
  vi.stubEnv('SMTP_URL', smtp.url)
  writeFileSync(template, good)
  coin = await testCoin({
    apps: [],
    provider: { name: 'Réseau des Collines', identity: { siren: '732829320', iban: 'FR7630006000011234567890189' } },
    billing: { document: { template, attach: ['cii'] } },
  })
  site = adminSite(coin)
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  writeFileSync(template, good)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await coin.close()
  await smtp.close()
  rmSync(folder, { recursive: true, force: true })
})

const work = async () => {
  worker ??= await startWorker(coin, { log: silent })
}
const rows = async <T>(statement: string): Promise<T[]> => (await coin.pool.query(statement)).rows as T[]
const inScope = <R>(run: Parameters<TestCoin['write']>[0]) => coin.asSystem('test', () => coin.write(run)) as Promise<R>
const ask = (job: string) => inScope(tx => enqueue(tx, `billing:${job}`, {}, { key: 'all' }))
/** Nothing is left to do of what was asked for; what waits for its time does not count. */
const idle = () =>
  until(
    async () =>
      (
        await rows(
          `SELECT FROM graphile_worker.jobs WHERE task_identifier ~ '^(billing:(documents|mail)|system:deliver)' AND key NOT LIKE 'schedule%' OR locked_at IS NOT NULL`,
        )
      ).length === 0,
  )

const draftFor = (memberId: number, given: Partial<NewDraft> = {}) =>
  inScope<number>(tx => addDraft(tx, { memberId, lines: [{ description: 'Fibre été', unitPrice: '30' }], ...given }))
const issued = async (...ids: number[]) => {
  await inScope(tx => issueInvoices(tx, ids))
  return ids
}
const member = async (email: string, more = '') => {
  const id = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier', email })
  if (more) await coin.pool.query(`UPDATE member SET ${more} WHERE id = ${id}`)
  return id
}
const state = async (id: number) =>
  (
    await rows<{ number: string; hash: string | null; mailed: boolean; error: string | null; attempts: number; later: boolean }>(
      `SELECT number, encode(pdf_hash, 'hex') AS hash, mailed_at IS NOT NULL AS mailed, document_error AS error, document_attempts AS attempts, document_retry_at > now() AS later FROM invoice WHERE id = ${id}`,
    )
  )[0]
const mailsTo = (address: string) => smtp.mails.filter(({ to }) => to === address)
/** The attachments of a mail by name. */
const attachments = (source: string) =>
  new Map(
    source.split(/--[-_\w]+\r\n/).flatMap(part => {
      const name = /filename="?([^"\r\n]+)"?/.exec(part)?.[1]
      const body = part.split('\r\n\r\n')[1] ?? ''
      return name ? [[name, Buffer.from(body.replace(/--.*$/s, ''), 'base64')] as const] : []
    }),
  )
const asMember = (memberId: number): Actor => ({
  kind: 'user',
  label: 'Amina',
  userId: 'u1',
  memberId,
  roles: ['member'],
  permissions: new Set(),
})

test('what is issued becomes a PDF that is kept, and a mail that brings it, in the member’s language', async () => {
  const owner = await member('fr@example.org', `language = 'fr'`)
  const [id = 0] = await issued(await draftFor(owner))
  await work()
  await until(() => mailsTo('fr@example.org').length > 0)
  await idle()
  const { number = '', hash, mailed } = (await state(id)) ?? {}
  expect(mailed).toBe(true)

  const [mail] = mailsTo('fr@example.org')
  const files = attachments(mail?.source ?? '')
  expect([...files.keys()]).toEqual([`${number}.pdf`, `${number}-cii.xml`])
  const pdf = files.get(`${number}.pdf`) ?? Buffer.alloc(0)
  expect(createHash('sha256').update(pdf).digest('hex')).toBe(hash)
  const said = readPdf(pdf).text
  for (const words of ['Facture', number, 'Réseau des Collines', 'Amina Berthier', 'Fibre été']) expect(said).toContain(words)
  expect(files.get(`${number}-cii.xml`)?.toString()).toContain(`<ram:ID>${number}</ram:ID>`)
  expect(mail?.source).toContain('Content-Language: fr')

  // the same bytes for the member and for staff, and nothing when they are there already
  for (const answer of [await site.get(asMember(owner), `/invoices/${id}/pdf`), await site.get(chief, `/admin/invoices/${id}/pdf`)]) {
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('etag')]).toEqual([200, 'application/pdf', `"${hash}"`])
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${number}.pdf"`)
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect(Buffer.from(await answer.arrayBuffer()).equals(pdf)).toBe(true)
  }
  const known = await site.get(asMember(owner), `/invoices/${id}/pdf`, { 'if-none-match': `"${hash}"` })
  expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', `"${hash}"`])
  expect(await (await site.get(chief, `/admin/invoices/${id}`)).text()).toContain('Sent to fr@example.org')

  // again: neither another PDF nor another mail
  await ask('documents')
  await ask('mail_invoices')
  await idle()
  expect([(await state(id))?.hash, mailsTo('fr@example.org').length]).toEqual([hash, 1])
  // nobody puts another PDF in its place
  await expect(coin.pool.query(`UPDATE invoice SET pdf_hash = sha256('x') WHERE id = ${id}`)).rejects.toThrow('stays as it is')

  // until somebody asks for it
  expect((await site.post(chief, `/admin/invoices/${id}/send`, {})).status).toBe(303)
  await until(() => mailsTo('fr@example.org').length === 2)
})

test('one that cannot be written down is set aside with the reason and tried again, and the others go out', async () => {
  writeFileSync(template, good.replace('#data.title', '#if data.buyer.name.contains("Broken") { panic("no such name") }\n#data.title'))
  const bad = await member('bad@example.org', `last_name = 'Broken'`)
  const [broken = 0, fine = 0] = await issued(await draftFor(bad), await draftFor(await member('fine@example.org')))
  await work()
  await until(() => mailsTo('fine@example.org').length > 0)
  await idle()
  expect(await state(fine)).toMatchObject({ mailed: true, error: null })
  expect(await state(broken)).toMatchObject({
    hash: null,
    mailed: false,
    error: expect.stringContaining('no such name'),
    attempts: 1,
    later: true,
  })
  const page = await (await site.get(chief, `/admin/invoices/${broken}`)).text()
  for (const words of ['Its PDF could not be made', 'no such name', '1 attempt', 'Try again']) expect(page).toContain(words)

  // not before its time
  writeFileSync(template, good)
  await ask('documents')
  await idle()
  expect((await state(broken))?.hash).toBeNull()
  expect((await site.post(chief, `/admin/invoices/${broken}/retry`, {})).status).toBe(303)
  await until(() => mailsTo('bad@example.org').length > 0)
  expect(await state(broken)).toMatchObject({ error: null, attempts: 0 })
})

test('one whose data lacks something is not mailed without it, and says what', async () => {
  const id = await draftFor(await member('data@example.org'))
  await coin.pool.query(
    `UPDATE invoice SET state = 'issued', provider_snapshot = '{"name": "Nobody", "street": "", "country": "FR"}' WHERE id = ${id}`,
  )
  await work()
  await ask('documents')
  await until(async () => (await state(id))?.error)
  expect(await state(id)).toMatchObject({ hash: expect.any(String), mailed: false, error: expect.stringContaining('SIREN'), later: true })
  expect(await (await site.get(chief, `/admin/invoices/${id}`)).text()).toContain('its electronic form lacks something')
  expect(await (await site.get(chief, '/admin/invoices?view=unsent')).text()).toContain('Not sent yet: see its page')
  const answer = await site.post(chief, `/admin/invoices/${id}/send`, {})
  expect([answer.status, mailsTo('data@example.org')]).toEqual([409, []])
})

test('what psql issues goes the same way, in batches, each once; nothing for an invoice of nothing, or one of long ago', async () => {
  const ids: number[] = []
  for (let n = 0; n < 28; n++) ids.push(await draftFor(await member(`many${n}@example.org`)))
  const nothing = await draftFor(await member('nothing@example.org'), { lines: [{ description: 'Free', unitPrice: '0' }] })
  await coin.pool.query(`UPDATE invoice SET state = 'issued' WHERE id = ANY ('{${[...ids, nothing].join()}}')`)
  const old = await draftFor(await member('old@example.org'))
  // as if it had been issued before mailing was switched on; in a series of its own, because a month is not gone back to
  await coin.pool.query(
    `BEGIN; SET LOCAL coin.today = '2020-05-01'; UPDATE invoice SET kind = 'donation' WHERE id = ${old}; UPDATE invoice SET state = 'issued' WHERE id = ${old}; COMMIT`,
  )
  await work()
  await ask('documents')
  await until(() => smtp.mails.filter(({ to }) => to.startsWith('many')).length >= ids.length)
  await until(async () => (await state(old))?.hash)
  await ask('mail_invoices')
  await idle()
  expect(new Set(smtp.mails.map(({ to }) => to).filter(to => to.startsWith('many'))).size).toBe(ids.length)
  expect(smtp.mails.filter(({ to }) => to.startsWith('many'))).toHaveLength(ids.length)
  expect([mailsTo('nothing@example.org').length, mailsTo('old@example.org').length]).toEqual([0, 0])
  expect(await state(nothing)).toMatchObject({ hash: expect.any(String), mailed: false })
})

test('each kind has its own words, and what is paid in advance asks for nothing', async () => {
  const owner = await member('kinds@example.org')
  await issued(await draftFor(owner, { kind: 'fee', lines: [{ description: 'Membership', unitPrice: '15' }] }))
  await issued(await draftFor(owner, { kind: 'credit_note', lines: [{ description: 'Sorry', unitPrice: '5', quantity: '-1' }] }))
  await issued(await draftFor(owner, { kind: 'donation', lines: [{ description: 'Gift', unitPrice: '7' }] }))
  const rich = await member('rich@example.org')
  await coin.pool.query(`INSERT INTO payment (member_id, amount) VALUES (${rich}, 100)`)
  await issued(await draftFor(rich))
  await work()
  await until(() => mailsTo('kinds@example.org').length === 3 && mailsTo('rich@example.org').length === 1)
  const all = mailsTo('kinds@example.org').map(({ source }) => source)
  for (const words of ['call for your membership fee', 'in your favour', 'thank you for your donation'])
    expect(all.some(source => decoded(source).includes(words))).toBe(true)
  const paid = decoded(mailsTo('rich@example.org')[0]?.source ?? '')
  expect(paid).toContain('It is paid: you have nothing to do.')
  expect(paid).not.toContain('FR76')
  const fee = decoded(all.find(source => decoded(source).includes('call for your membership fee')) ?? '')
  expect(fee).toContain('By transfer to FR76 3000 6000 0112 3456 7890 189')
})

test('who gave an OpenPGP key gets the invoice encrypted to it, PDF and all', async () => {
  const keys = await keyPair()
  const owner = await member('secret@example.org')
  await coin.pool.query('UPDATE member SET openpgp_key = $1 WHERE id = $2', [keys.publicKey, owner])
  const [id = 0] = await issued(await draftFor(owner))
  await work()
  await until(() => mailsTo('secret@example.org').length > 0)
  const [mail] = mailsTo('secret@example.org')
  const { number = '', hash } = (await state(id)) ?? {}
  expect(mail?.source).not.toContain(`${number}.pdf`)
  const pdf = attachments(await decrypted(mail?.source ?? '', keys)).get(`${number}.pdf`)
  expect(
    createHash('sha256')
      .update(pdf ?? '')
      .digest('hex'),
  ).toBe(hash)
})

test('a template that is not there stops the boot', () => {
  const config = defineConfig({ apps: [], billing: { document: { template: path.join(folder, 'nowhere.typ') } } })
  expect(config.problems).toEqual(['billing.document.template: names a file that does not exist'])
})

test('a draft is looked at by staff, marked as one, and not kept', async () => {
  const before = await rows('SELECT hash FROM coin.file')
  const id = await draftFor(await member('draft@example.org'))
  const answer = await site.get(chief, `/admin/invoices/${id}/pdf`)
  expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('content-disposition')]).toEqual([
    200,
    'no-store',
    `attachment; filename="draft-${id}.pdf"`,
  ])
  expect(readPdf(new Uint8Array(await answer.arrayBuffer())).text).toContain('Fibre été')
  expect(await rows('SELECT hash FROM coin.file')).toEqual(before)
})

const decoded = (source: string) =>
  source.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
