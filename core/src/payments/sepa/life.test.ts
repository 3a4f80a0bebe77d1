import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestCoin } from '../../testing/coin.ts'
import { applyImport } from '../bank/imports.ts'
import { previewFile } from '../bank/preview.ts'
import { undoImport } from '../bank/undo.ts'
import { contradictions, draftOf, issueOf, on } from '../fixture.ts'
import { batchFile, batchOf, collectionsOf } from './batch-queries.ts'
import { cancelBatch, executeBatch, makeBatch, markSent } from './batches.ts'
import { collectableOn } from './collectable.ts'
import { sepaCommands } from './commands.ts'
import { batchFor, bill, debtor, memberIban, owed, sentBatch, sepaCoin } from './fixture.ts'
import { endUnused, executeDue, sepaJobs } from './jobs.ts'
import { checkPain008 } from './pain008-rules.fixture.ts'
import { applyReport } from './report.ts'
import { settleReturns } from './returns.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await sepaCoin()
})
afterAll(() => coin.close())

const day = '2026-04-07'
const today = '2026-03-10'
const ask = async (text: string, values: unknown[] = []) => (await coin.pool.query(text, values)).rows
const mandateOf = async (member: number) =>
  (await ask('SELECT state, sequence, last_used_on::text AS used, ended_why AS why FROM sepa_mandate WHERE member_id = $1', [member]))[0]
const mailsOf = async (member: number): Promise<{ subject: string; body: string }[]> =>
  ask(
    `SELECT l.subject, replace(l.body, chr(160), ' ') AS body FROM coin.mail l WHERE l.about_kind = 'member' AND l.about_id = $1 ORDER BY l.id`,
    [member],
  )
const openOf = async (invoice: number) =>
  (await ask('SELECT (total - allocated)::text AS open FROM invoice WHERE id = $1', [invoice]))[0]?.open

const camt = (
  entries: readonly { amount: string; sign: 'CRDT' | 'DBIT'; id?: string; label?: string; reason?: string; reversed?: boolean }[],
) => `<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>S</MsgId><CreDtTm>2026-04-12T08:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S-1</Id><CreDtTm>2026-04-12T08:00:00</CreDtTm><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>
${entries
  .map(
    (
      { amount, sign, id, label = '', reason, reversed },
      n,
    ) => `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd>${reversed ? '<RvslInd>true</RvslInd>' : ''}<Sts>BOOK</Sts>
<BookgDt><Dt>2026-04-10</Dt></BookgDt><ValDt><Dt>2026-04-10</Dt></ValDt><AcctSvcrRef>B-${n}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>${reason ? 'UPDD' : 'ESDD'}</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs>${id ? `<EndToEndId>${id}</EndToEndId>` : ''}</Refs>${reason ? `<RtrInf><Rsn><Cd>${reason}</Cd></Rsn></RtrInf>` : ''}<RmtInf><Ustrd>${label}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
  )
  .join('\n')}</Stmt></BkToCstmrStmt></Document>`

async function importFile(content: string): Promise<number> {
  const [account] = await ask(
    `INSERT INTO bank_account (name, iban) VALUES ('Main', 'FR7630006000011234567890189') ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id::int`,
  )
  const found = await on(coin, '2026-04-12', tx => previewFile(tx, { accountId: account.id, name: 's.xml', bytes: Buffer.from(content) }))
  if (found.kind !== 'previewed') throw new Error(JSON.stringify(found))
  const [row] = await ask('SELECT digest FROM bank_import WHERE id = $1', [found.importId])
  expect(await on(coin, '2026-04-12', tx => applyImport(tx, { importId: found.importId, digest: row.digest }))).toBe('applied')
  return found.importId
}

test('a life: announced, collected on its day, returned by the statement, open again, and undone with the import', async () => {
  const { member } = await debtor(coin)
  const [first, second] = [await bill(coin, member, '20.00'), await bill(coin, member, '4.90', '2026-02-02')]
  const batch = await sentBatch(coin, today, day)
  const [announced] = await mailsOf(member)
  expect(announced?.subject).toBe('€24.90 will be collected on 7 April 2026')
  for (const words of ['DE89 … 3000', `UMR-${member}`, 'FR72ZZZ123456', '€20.00', '€4.90']) expect(announced?.body).toContain(words)
  expect(announced?.body).not.toContain(memberIban)

  expect(await on(coin, '2026-04-06', tx => executeDue(tx))).toBe(0)
  await expect(on(coin, '2026-04-06', tx => executeBatch(tx, batch))).rejects.toThrow('has not come yet')
  expect(await on(coin, day, tx => executeDue(tx))).toBe(1)
  expect(await on(coin, day, tx => executeDue(tx))).toBe(0)
  expect([await openOf(first), await openOf(second), await owed(coin, member)]).toEqual(['0.00', '0.00', '0.00'])
  expect(await mandateOf(member)).toEqual({ state: 'active', sequence: 'RCUR', used: day, why: '' })
  const [collection] = await on(coin, day, tx => collectionsOf(tx, batch))
  expect(collection).toMatchObject({ state: 'collected', sequence: 'FRST', amount: '24.90' })

  // the bank shows the debit, which is recorded already, and its return
  const id = collection?.endToEndId ?? ''
  const statement = await importFile(
    camt([
      { amount: '24.90', sign: 'CRDT', id },
      { amount: '24.90', sign: 'DBIT', id, reason: 'AC04' },
    ]),
  )
  expect(await ask('SELECT state, reason ->> $2 AS by FROM bank_line WHERE import_id = $1 ORDER BY position', [statement, 'by'])).toEqual([
    { state: 'ignored', by: 'collected' },
    { state: 'matched', by: 'return' },
  ])
  expect([await openOf(first), await openOf(second), await owed(coin, member)]).toEqual(['20.00', '4.90', '24.90'])
  expect(await on(coin, '2026-04-12', tx => settleReturns(tx))).toBe(1)
  expect(await on(coin, '2026-04-12', tx => settleReturns(tx))).toBe(0)
  expect(await mandateOf(member)).toMatchObject({ state: 'revoked', why: 'AC04' })
  const told = (await mailsOf(member)).at(-1)
  expect(told?.subject).toBe('Your direct debit of €24.90 came back')
  for (const words of ['The account is closed.', '/money/pay', 'has ended']) expect(told?.body).toContain(words)

  await on(coin, '2026-04-13', tx => undoImport(tx, statement))
  expect(await owed(coin, member)).toBe('0.00')
  expect((await on(coin, day, tx => collectionsOf(tx, batch)))[0]).toMatchObject({ state: 'collected', returnedOn: null })
  expect(await contradictions(coin)).toEqual([])
})

test('a line for the whole batch waits for nobody either', async () => {
  const { member } = await debtor(coin)
  await bill(coin, member, '31.00')
  const batch = await sentBatch(coin, today, '2026-04-08')
  await on(coin, '2026-04-08', tx => executeBatch(tx, batch))
  const { messageId, total } = await on(coin, day, tx => batchOf(tx, batch))
  const statement = await importFile(camt([{ amount: total, sign: 'CRDT', label: `REM PRLV ${messageId}-FRST` }]))
  expect(await ask('SELECT state FROM bank_line WHERE import_id = $1', [statement])).toEqual([{ state: 'ignored' }])
})

test('what is in dispute, due later, in another currency or without a mandate is not collected, nor what is collected already', async () => {
  const { member } = await debtor(coin)
  const wanted = await bill(coin, member, '10.00')
  const disputed = await bill(coin, member, '11.00')
  await coin.pool.query(`UPDATE invoice SET disputed_on = '2026-02-03' WHERE id = $1`, [disputed])
  await on(coin, '2026-02-01', async tx => {
    const later = await draftOf(tx, { memberId: member, amount: '12.00' })
    await tx.execute(sql`UPDATE invoice SET due_on = '2026-05-01', state = 'issued' WHERE id = ${later}`)
  })
  await on(coin, '2026-02-01', tx => issueOf(tx, { memberId: member, amount: '12.50', currency: 'CHF' }))
  await bill(coin, (await debtor(coin, { iban: '' })).member, '13.00')
  const ids = async () => (await on(coin, today, tx => collectableOn(tx, day))).rows.flatMap(({ invoices }) => invoices.map(({ id }) => id))
  expect(await ids()).toContain(wanted)
  expect((await ids()).filter(id => id !== wanted && id >= wanted)).toEqual([])
  const batch = await batchFor(coin, today, day)
  expect(await ids()).toEqual([])
  await on(coin, today, tx => cancelBatch(tx, batch))
  expect(await ids()).toContain(wanted)
  expect((await mailsOf(member)).at(-1)?.subject).toBe('Nothing will be collected on 7 April 2026')
  await expect(on(coin, today, tx => cancelBatch(tx, batch))).rejects.toThrow('only the bank')
  for (const [given, words] of [
    ['2026-03-12', 'first day'],
    ['2026-04-03', 'do not settle'],
    ['2026-04-11', 'do not settle'],
  ] as const)
    await expect(on(coin, today, tx => makeBatch(tx, given, ''))).rejects.toMatchObject({
      fields: [{ field: 'collectOn', message: expect.stringContaining(words) }],
    })
})

test('two batches made at once take each invoice once', async () => {
  const members = await Promise.all([1, 2, 3].map(() => debtor(coin)))
  const invoices: number[] = []
  for (const { member } of members) invoices.push(await bill(coin, member, '15.00'))
  const { token } = await on(coin, today, tx => collectableOn(tx, day))
  const made = await Promise.all([1, 2, 3].map(() => on(coin, today, tx => makeBatch(tx, day, token))))
  expect(made.filter(id => id !== undefined)).toHaveLength(1)
  expect(await ask('SELECT count(*)::int AS n FROM sepa_collection_invoice WHERE live AND invoice_id = ANY ($1)', [invoices])).toEqual([
    { n: 3 },
  ])
  const rows = await ask(
    'SELECT c.batch_id::int AS batch, c.member_id::int AS member, c.mandate_id::int AS mandate FROM sepa_collection c WHERE member_id = $1',
    [members[0]?.member],
  )
  // past Coin, as psql would
  const [other] = await ask(
    `INSERT INTO sepa_batch (collect_on, message_id, format, creditor, made_at, made_by) VALUES ($1, 'X-1', 'pain.008.001.02', '{}', now(), 'psql') RETURNING id::int`,
    [day],
  )
  const client = await coin.pool.connect()
  const collect = (batch: number, amount: string, mandate = rows[0].mandate) =>
    client.query(
      `INSERT INTO sepa_collection (batch_id, member_id, mandate_id, amount, end_to_end_id, sequence, reference, signed_on, name, iban, bic)
       VALUES ($1, $2, $3, $4, 'X-1-1', 'RCUR', 'R', '2026-01-01', 'N', 'I', '') RETURNING id`,
      [batch, rows[0].member, mandate, amount],
    )
  const refused = async (work: () => Promise<unknown>, words: RegExp) => {
    await client.query('BEGIN')
    try {
      await expect(work()).rejects.toThrow(words)
    } finally {
      await client.query('ROLLBACK')
    }
  }
  try {
    await refused(async () => {
      const { rows: made } = await collect(other.id, '15.00')
      await client.query('INSERT INTO sepa_collection_invoice VALUES ($1, $2, 15)', [made[0].id, invoices[0]])
    }, /sepa_collection_invoice_once/)
    await refused(() => collect(other.id, '0'), /sepa_collection_amount/)
    await refused(() => collect(other.id, '-1'), /sepa_collection_amount/)
    await refused(() => collect(other.id, '15.00', members[1]?.mandate), /no active mandate/)
    await refused(async () => {
      await collect(other.id, '15.00')
      await client.query('SET CONSTRAINTS ALL IMMEDIATE')
    }, /sum of its invoices/)
    await refused(async () => {
      await client.query(`UPDATE sepa_mandate SET state = 'revoked', ended_on = '2026-03-01' WHERE id = $1`, [rows[0].mandate])
      await collect(other.id, '15.00')
    }, /no active mandate/)
    await refused(
      () => client.query('UPDATE sepa_collection SET amount = 1 WHERE batch_id = $1', [rows[0].batch]),
      /stays as the bank was told/,
    )
    await refused(() => client.query('UPDATE sepa_collection_invoice SET live = false'), /stays as the bank was told/)
    await refused(
      () =>
        client.query(
          `INSERT INTO sepa_mandate (member_id, reference, iban, name, signed_on) VALUES ($1, 'Z', '${memberIban}', 'N', '2026-01-01')`,
          [rows[0].member],
        ),
      /sepa_mandate_one_active/,
    )
  } finally {
    client.release()
  }
  await on(coin, today, tx => cancelBatch(tx, made.find(id => id !== undefined) ?? 0))
})

test('a bank refuses some before their day: they are never paid, the others are; the same answer again changes nothing', async () => {
  const [poor, rich] = [await debtor(coin), await debtor(coin)]
  const invoice = await bill(coin, poor.member, '17.00')
  await bill(coin, rich.member, '18.00')
  const batch = await sentBatch(coin, today, '2026-04-09')
  const { messageId, count: all } = await on(coin, today, tx => batchOf(tx, batch))
  const answer = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>A</MsgId></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>${messageId}</OrgnlMsgId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>${messageId}-FRST</OrgnlPmtInfId>
<TxInfAndSts><OrgnlEndToEndId>${messageId}-${poor.member}</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>NOT-OURS</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`
  const read = () => on(coin, '2026-03-20', tx => applyReport(tx, Buffer.from(answer)))
  expect(await read()).toEqual({ returned: 1, known: 0, accepted: 0, unknown: 1 })
  expect(await read()).toEqual({ returned: 0, known: 1, accepted: 0, unknown: 1 })
  expect((await mailsOf(poor.member)).at(-1)?.body).toContain('There is not enough money on the account.')
  expect(await mandateOf(poor.member)).toMatchObject({ state: 'active', sequence: 'FRST' })
  expect(await on(coin, '2026-04-09', tx => executeBatch(tx, batch))).toBe(all - 1)
  expect([await owed(coin, poor.member), await owed(coin, rich.member), await openOf(invoice)]).toEqual(['17.00', '0.00', '17.00'])
  const again = await on(coin, '2026-04-10', tx => collectableOn(tx, '2026-04-28'))
  expect(again.rows.find(({ memberId }) => memberId === poor.member)?.sequence).toBe('FRST')

  const whole = await sentBatch(coin, '2026-04-10', '2026-04-28')
  const { messageId: name, count } = await on(coin, today, tx => batchOf(tx, whole))
  const none = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>B</MsgId></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>${name}</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>`
  expect(await on(coin, '2026-04-11', tx => applyReport(tx, Buffer.from(none)))).toMatchObject({ returned: count })
  expect(await on(coin, '2026-04-28', tx => executeBatch(tx, whole))).toBe(0)
})

test('the file is the same whenever it is asked for, though the mandate and the settings change', async () => {
  const { member, mandate } = await debtor(coin)
  await bill(coin, member, '21.00')
  const batch = await batchFor(coin, today, day)
  const file = () => on(coin, day, async tx => batchFile(tx, await batchOf(tx, batch)))
  const before = await file()
  await coin.pool.query(`UPDATE sepa_mandate SET name = 'Another', bic = 'COBADEFF' WHERE id = $1`, [mandate])
  await coin.pool.query('UPDATE sepa_mandate SET name = name WHERE id = $1', [mandate])
  expect(await file()).toBe(before)
  expect(before).toContain('<Nm>Ada Member</Nm>')
  await on(coin, today, tx => cancelBatch(tx, batch))
})

test('a mandate that nothing was collected by for 36 months ends; one for once ends when it is used', async () => {
  const { member } = await debtor(coin)
  await on(coin, '2029-01-05', tx => endUnused(tx))
  expect(await mandateOf(member)).toMatchObject({ state: 'active' })
  await expect(
    coin.pool.query(`UPDATE sepa_mandate SET iban = 'FR7630006000011234567890189' WHERE member_id = $1`, [member]),
  ).rejects.toThrow('stays as it was signed')
  const once = await debtor(coin)
  await coin.pool.query(`UPDATE sepa_mandate SET sequence = 'OOFF' WHERE id = $1`, [once.mandate])
  await bill(coin, once.member, '8.00')
  const batch = await sentBatch(coin, today, day)
  await on(coin, day, tx => executeBatch(tx, batch))
  expect(await mandateOf(once.member)).toMatchObject({ state: 'revoked', why: 'used' })
  await on(coin, '2029-01-06', tx => endUnused(tx))
  expect(await mandateOf(member)).toMatchObject({ state: 'revoked', why: 'unused' })
})

test('a mandate that ends takes along what the bank does not have yet, and nothing that it has', async () => {
  const [one, two] = [await debtor(coin), await debtor(coin)]
  await bill(coin, one.member, '6.00')
  await bill(coin, two.member, '7.00')
  const batch = await batchFor(coin, today, day)
  const state = async (member: number) =>
    (await ask('SELECT state FROM sepa_collection WHERE member_id = $1 AND batch_id = $2', [member, batch]))[0]?.state
  const end = (id: number) => coin.pool.query(`UPDATE sepa_mandate SET state = 'revoked', ended_on = '2026-03-11' WHERE id = $1`, [id])
  const { count, total } = await on(coin, today, tx => batchOf(tx, batch))
  await end(one.mandate)
  const left = await on(coin, today, async tx => ({ batch: await batchOf(tx, batch), file: await batchFile(tx, await batchOf(tx, batch)) }))
  expect([await state(one.member), left.batch.count, Number(total) - Number(left.batch.total)]).toEqual(['cancelled', count - 1, 6])
  expect([left.file.includes(`UMR-${one.member}<`), left.file.includes(`UMR-${two.member}<`)]).toEqual([false, true])
  await on(coin, today, tx => markSent(tx, batch))
  await end(two.mandate)
  expect(await state(two.member)).toBe('pending')
  await on(coin, day, tx => executeBatch(tx, batch))
  expect([await owed(coin, one.member), await owed(coin, two.member)]).toEqual(['6.00', '0.00'])
})

test('the command shows, makes, writes and sends a batch; the job of each minute does the rest', async () => {
  const { member } = await debtor(coin)
  await bill(coin, member, '5.00')
  const run = <R>(name: keyof typeof sepaCommands, given: readonly string[], options: Record<string, true> = {}): Promise<R> =>
    on(coin, today, tx => {
      const command = sepaCommands[name]
      const names = (command.arguments ?? []).map(each => each.replace('?', ''))
      return command.run({ arguments: Object.fromEntries(names.map((each, n) => [each, given[n]])), options }, tx) as Promise<R>
    })
  const shown = await run<{ rows: { memberId: number }[] }>('collect', [day])
  expect(shown.rows.map(({ memberId }) => memberId)).toContain(member)
  const { batch } = await run<{ batch: number }>('collect', [day], { apply: true })
  const path = join(mkdtempSync(join(tmpdir(), 'coin-debits-')), 'debits.xml')
  await run('debitFile', [String(batch), path])
  expect([checkPain008(readFileSync(path, 'utf8'), 'pain.008.001.02'), statSync(path).mode & 0o777]).toEqual([[], 0o600])
  expect(await run('debitSent', [String(batch)])).toEqual({ batch, state: 'sent' })
  expect(await run<{ batch: number }[]>('debitBatches', [])).toContainEqual(expect.objectContaining({ batch, state: 'sent' }))
  await expect(run('debitCancel', [String(batch)])).rejects.toThrow('only the bank')
  await expect(run('debitSent', ['x'])).rejects.toMatchObject({ code: 'not_found' })
  const log = { info: () => {}, warn: () => {} }
  await on(coin, day, tx => sepaJobs.look_after_debits.run({}, { tx, log, signal: new AbortController().signal }))
  expect(await owed(coin, member)).toBe('0.00')
})
