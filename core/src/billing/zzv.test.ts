import { sql } from 'drizzle-orm'
import { test } from 'vitest'
import { openBrowser } from '../../../test/journeys/browser.ts'
import { look } from '../../../test/journeys/look.ts'
import { createUser } from '../accounts/rules.ts'
import { testCoin } from '../testing/coin.ts'
import { addMember, addSubscription } from '../testing/factories.ts'
import { serveWeb } from '../web/serve.ts'
import { startWorker } from '../jobs/worker.ts'
import { until } from '../testing/until.ts'
import { addDraft } from './draft.ts'
import { issueInvoices, makeCreditNote } from './issue.ts'

test('look', async () => {
  const coin = await testCoin({ apps: [], provider: { name: 'Réseau des Collines', identity: { siren: '732829320', iban: 'FR7630006000011234567890189', street: '3 place du Marché', postalCode: '26400', city: 'Crest', legalForm: 'Association loi 1901' } }, billing: { document: { format: 'factur-x', attach: ['ubl'] } } })
  const scope = <R,>(run: any) => coin.asSystem('test', () => coin.write(run)) as Promise<R>
  const amina = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier', email: 'a.berthier@example.org' })
  await coin.pool.query(`UPDATE member SET address = '14 rue des Lavandières', postal_code = '26400', city = 'Crest' WHERE id = ${amina}`)
  const s = await addSubscription(coin, { member: amina })
  const other = await addMember(coin, { firstName: 'Association du très long nom de la maison des jeunes et de la culture', lastName: 'de Saint-Étienne-de-Saint-Geoirs' })
  const full = [
    { description: 'VPN, ouverture', unitPrice: '10', explanation: 'Une fois, offre VPN' },
    { description: 'VPN, 9–31 octobre 2026', unitPrice: '4', quantity: '0.74', explanation: 'Commencé le 9 octobre : 23 jours sur 31, soit 0,74 d’un mois', subscriptionId: s, period: { first: '2026-10-09', last: '2026-10-31' } },
    { description: 'VPN, novembre 2026', unitPrice: '4', subscriptionId: s, period: { first: '2026-11-01', last: '2026-11-30' } },
    { description: 'DSL, novembre 2026', unitPrice: '28' },
  ]
  const a = await scope<number>((tx: any) => addDraft(tx, { memberId: amina, lines: full, note: 'Merci de votre confiance.' }))
  const taxed = await scope<number>((tx: any) => addDraft(tx, { memberId: other, lines: [{ description: 'Routeur avec une description particulièrement longue qui doit passer à la ligne', unitPrice: '39.5', vatRate: '20' }, { description: 'Port', unitPrice: '5' }] }))
  const fee = await scope<number>((tx: any) => addDraft(tx, { memberId: amina, kind: 'fee', lines: [{ description: 'Cotisation 2027', unitPrice: '15' }] }))
  await scope((tx: any) => issueInvoices(tx, [a, taxed, fee]))
  await coin.pool.query(`INSERT INTO payment (member_id, amount, reference, invoice_id) VALUES (${amina}, 20, 'VIR A BERTHIER COL-0182', ${a})`)
  const line = (await coin.pool.query(`SELECT id FROM invoice_line WHERE invoice_id = ${a} ORDER BY position DESC LIMIT 1`)).rows[0].id
  const credit = await scope<number>((tx: any) => makeCreditNote(tx, a, [{ lineId: Number(line), amount: '2.80' }], 'DSL coupée du 12 au 14 novembre : 3 jours sur 30'))
  await scope((tx: any) => issueInvoices(tx, [credit]))
  const broken = await scope<number>((tx: any) => addDraft(tx, { memberId: other, lines: [{ description: 'X', unitPrice: '1' }] }))
  await coin.pool.query('DROP TRIGGER IF EXISTS x ON invoice')
  const worker = await startWorker(coin, { log: { info() {}, warn() {} } })
  await until(async () => (await coin.pool.query('SELECT FROM invoice WHERE state = $$issued$$ AND mailed_at IS NULL')).rows.length === 0)
  await worker.stop()
  await scope((tx: any) => issueInvoices(tx, [broken]))
  await coin.pool.query(`UPDATE invoice SET document_error = 'Typst cannot set the template invoice.typ: unknown font family: comic sans', document_attempts = 3, document_retry_at = now() + interval '4 minutes' WHERE id = ${broken}`)
  const disputed = await scope<number>((tx: any) => addDraft(tx, { memberId: other, lines: [{ description: 'Y', unitPrice: '12' }] }))
  await scope((tx: any) => issueInvoices(tx, [disputed]))
  await coin.pool.query(`UPDATE invoice SET disputed_on = current_date, dispute_reason = 'The line was cut for a week' WHERE id = ${disputed}`)
  const draft = await scope<number>((tx: any) => addDraft(tx, { memberId: amina, lines: full }))
  const neg = await scope<number>((tx: any) => addDraft(tx, { memberId: amina, lines: [{ description: 'Back', unitPrice: '3', quantity: '-1' }] }))
  for (const language of ['en', 'fr']) await coin.write((tx: any) => createUser({ email: `${language}@example.org`, name: 'Solène Abgrall', password: 'correct horse battery', role: 'staff', language }, tx))
  const server = await serveWeb(coin, { port: 0 })
  const found: string[] = []
  for (const language of ['en', 'fr'] as const) {
    const { page, complaints } = await openBrowser(server.url, { language: language === 'en' ? 'en-GB' : 'fr-FR' })
    await page.goto('/sign-in')
    await page.fill('[name=email]', `${language}@example.org`)
    await page.fill('[name=password]', 'correct horse battery')
    await page.click('main button[type=submit]')
    await page.waitForURL(/admin/)
    const paths: Record<string, string> = { list: '/admin/invoices', drafts: '/admin/invoices?view=drafts', unsent: '/admin/invoices?view=unsent', issued: `/admin/invoices/${a}`, taxed: `/admin/invoices/${taxed}`, credit: `/admin/invoices/${credit}`, broken: `/admin/invoices/${broken}`, disputed: `/admin/invoices/${disputed}`, draft: `/admin/invoices/${draft}`, neg: `/admin/invoices/${neg}`, issue: `/admin/invoices/${draft}/issue`, lines: `/admin/invoices/${draft}/lines`, creditform: `/admin/invoices/${a}/credit`, dispute: `/admin/invoices/${a}/dispute`, remove: `/admin/invoices/${draft}/remove`, new: '/admin/invoices/new' }
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(path)
      for (const [w, h] of [[1440, 900], [390, 844]] as const) for (const scheme of ['light', 'dark'] as const) {
        if (scheme === 'dark' && !['issued', 'list'].includes(name)) continue
        if (language === 'fr' && w === 390 && !['issued', 'drafts', 'list'].includes(name)) continue
        await page.setViewportSize({ width: w, height: h }); await page.emulateMedia({ colorScheme: scheme })
        await page.screenshot({ path: `/tmp/v/${name}-${language}-${w}-${scheme}.png`, fullPage: true })
      }
      await page.setViewportSize({ width: 1440, height: 900 }); await page.emulateMedia({ colorScheme: 'light' })
      if (process.env.LOOK !== 'no') await look(page, path, language, found)
    }
    await page.goto('/admin/invoices?view=drafts')
    await page.check(`input[value="${draft}"]`)
    await page.click('.bulk button')
    await page.screenshot({ path: `/tmp/v/review-${language}-1440-light.png`, fullPage: true })
    await look(page, 'review', language, found)
    console.log(complaints)
  }
  console.log(found.join('\n'))
  const { content } = (await coin.pool.query(`SELECT content FROM coin.file f JOIN invoice i ON i.pdf_hash = f.hash WHERE i.id = ${a}`)).rows[0]
  const { writeFileSync } = await import('node:fs')
  writeFileSync('/tmp/v/a.pdf', content)
  await server.close()
  await coin.close()
}, 300_000)
