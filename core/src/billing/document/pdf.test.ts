import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { epcPayload } from './epc.ts'
import { creditNote, documentOf, lineOf, seller, taxed } from './examples.fixture.ts'
import { readPdf } from './pdf-tools.fixture.ts'
import { renderCii } from './render-cii.ts'
import { renderPdf } from './render-pdf.ts'

const invoice = documentOf()
const pdfOf = async (document: typeof invoice, facturX = false) => readPdf(await renderPdf(document, { facturX }))

describe('a Factur-X', async () => {
  const read = readPdf(await renderPdf(invoice, { facturX: true }), { qr: true })

  test('carries its CII, byte by byte, as the alternative of the whole document', () => {
    expect([...read.attachments.keys()]).toEqual(['factur-x.xml'])
    expect(Buffer.from(read.attachments.get('factur-x.xml') ?? []).toString()).toBe(renderCii(invoice))
    expect(read.objects).toMatch(/\/AFRelationship \/Alternative/)
    expect(read.objects).toMatch(/\/AF \[/)
    expect(read.objects).toMatch(/\/Subtype \/text#2fxml/i)
  })

  test('says so in its metadata, each property of which is declared', () => {
    expect(XMLValidator.validate(read.xmp)).toBe(true)
    const { 'x:xmpmeta': meta } = new XMLParser({ ignoreAttributes: false }).parse(read.xmp)
    const descriptions = [meta['rdf:RDF']['rdf:Description']].flat()
    expect(Object.assign({}, ...descriptions)).toMatchObject({
      'pdfaid:part': 3,
      'pdfaid:conformance': 'B',
      'fx:DocumentType': 'INVOICE',
      'fx:DocumentFileName': 'factur-x.xml',
      'fx:Version': 1,
      'fx:ConformanceLevel': 'EN 16931',
    })
    expect(read.xmp).toContain('<fx:Version>1.0</fx:Version>')
    expect([...read.xmp.matchAll(/<pdfaProperty:name>(\w+)</g)].map(([, name]) => name)).toEqual(
      expect.arrayContaining(['DocumentFileName', 'DocumentType', 'Version', 'ConformanceLevel']),
    )
  })

  test('is a PDF/A-3b as far as one can see: an output intent, and every font embedded', () => {
    expect(read.objects).toMatch(/\/OutputIntents/)
    expect(read.objects).toMatch(/\/S \/GTS_PDFA1/)
    expect(read.fonts.length).toBeGreaterThan(0)
    expect(read.fonts.filter(({ embedded }) => !embedded)).toEqual([])
  })

  test('has a QR code that a banking app reads', () => {
    const { name, iban = '', bic } = seller
    expect(read.qr).toBe(epcPayload({ name, iban, bic, amount: '44.96', currency: 'EUR', reference: 'COL-0182' }))
  })

  test('is the same file each time', async () => {
    const [one, two] = [await renderPdf(invoice, { facturX: true }), await renderPdf(invoice, { facturX: true })]
    expect(Buffer.compare(one, two)).toBe(0)
  })
})

describe('what is on paper', () => {
  test('in French', async () => {
    const { text, attachments, xmp } = await pdfOf(taxed)
    for (const words of [
      'Facture',
      '2026-11-000187',
      '1er décembre 2026',
      'Café des Halles SARL',
      'SIREN 552 100 554',
      'SIRET 732 829 320 00074',
      'TVA 20\u00a0% sur 25,00\u00a0€',
      'Total TTC',
      '65,61\u00a0€',
      '\u221210,00\u00a0€',
      '55,61\u00a0€',
      'FR76 3000 6000 0112 3456 7890 189',
      'Indemnité forfaitaire',
      'Merci de rappeler la référence.',
      'Page 1 sur 1',
    ])
      expect(spaced(text)).toContain(spaced(words))
    expect(attachments.size).toBe(0)
    expect(xmp).not.toContain('fx:')
  })

  test('in English', async () => {
    const { text } = await pdfOf({ ...taxed, language: 'en' })
    for (const words of [
      'Invoice',
      '2026-11-000187',
      '1 December 2026',
      'VAT 20% on €25.00',
      'Total with VAT',
      '€65.61',
      'Already paid',
      '€55.61',
      'Page 1 of 1',
    ])
      expect(spaced(text)).toContain(words)
  })

  test('a credit note names what it corrects, and asks for nothing', async () => {
    const { text } = await pdfOf(creditNote, true)
    expect(spaced(text)).toContain('Cet avoir corrige la facture 2026-11-000187 du 1er novembre 2026.')
    expect(spaced(text)).toMatch(/En votre faveur 2,80 €/)
    expect(text).not.toContain('IBAN')
  })

  test('a draft says so and has no number, even if it is given one', async () => {
    const { text, attachments } = await pdfOf(documentOf({ draft: true, number: '2026-11-999999' }), true)
    expect(text).toContain('Brouillon, sans valeur de facture')
    expect(text).not.toContain('2026-11-999999')
    expect(text).not.toContain('IBAN')
    expect(attachments.size).toBe(0)
  })

  test.for([
    ['donation', 'Reçu de don', 'sans contrepartie'],
    ['receipt', 'Reçu', 'Nous avons reçu ce paiement'],
  ] as const)('a %s thanks, and carries no data', async ([kind, title, thanks]) => {
    const { text, attachments } = await pdfOf(documentOf({ kind, paid: '44.96' }), true)
    expect(text).toContain(title)
    expect(text).toContain(thanks)
    expect(text).not.toContain('À payer')
    expect(attachments.size).toBe(0)
  })

  test('long tables go on over pages, under their head again', async () => {
    const many = Array.from({ length: 200 }, (_, index) => lineOf({ description: `Ligne ${index + 1}.` }))
    const { text, pages } = await pdfOf(documentOf({ lines: many, buyer: { ...invoice.buyer, name: 'Un nom long '.repeat(15) } }))
    expect(pages).toBeGreaterThan(4)
    const sheets = text.split('\f').slice(0, pages)
    sheets.forEach((sheet, index) => {
      expect(sheet).toContain(`Page ${index + 1} sur ${pages}`)
      if (/Ligne \d/.test(sheet)) expect(sheet).toContain('Désignation')
    })
    expect([...text.matchAll(/Ligne (\d+)\./g)].map(([, number]) => Number(number))).toEqual(many.map((_, index) => index + 1))
  })
})

describe('hostile texts', () => {
  const markup = '#panic("x") *bold* _it_ $x$ \\ `raw` @ref <label> // c /* [x] {{page}} </x> &amp; #let x = 1'

  test('are set as they are: no markup, nothing run', async () => {
    const { text } = await pdfOf(
      documentOf({
        reference: markup,
        notes: [markup],
        paymentTerms: markup,
        lines: [lineOf({ description: markup, explanation: markup })],
        seller: { ...seller, name: markup, legalForm: markup, address: [markup] },
        buyer: { ...invoice.buyer, name: markup },
      }),
      true,
    )
    expect(text.match(/#panic/g)?.length).toBeGreaterThanOrEqual(9)
    expect(spaced(text)).toContain(markup)
  })

  test.for([
    ['emoji and other scripts', 'Nom 😀 👩‍👩‍👧 漢字 العربية שלום Ω Ж'],
    ['control characters and turned directions', 'Nom \u0000\u0007\u001b[31m \u202eesrever\u2066 \u{d800} \ufffe'],
    ['a word of 5,000 characters', `Nom ${'x'.repeat(5000)}`],
    ['5,000 characters', 'Nom '.repeat(1250)],
  ])('%s do not break it', async ([, wild = '']) => {
    const { text } = await pdfOf(
      documentOf({ lines: [lineOf({ description: wild, explanation: wild })], buyer: { ...invoice.buyer, name: wild.slice(0, 300) } }),
      true,
    )
    expect(text).toContain('Nom')
    expect(spaced(text)).toContain('À payer 4,00 €')
    for (const mark of ['\u202e', '\u2066', '\u0007']) expect(text).not.toContain(mark)
  })
})

describe('a template of the deployment', () => {
  let folder: string
  const template = (source: string) => {
    const file = path.join(folder, 'templates', `${Math.random()}.typ`)
    writeFileSync(file, source)
    return file
  }
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'coin-templates-'))
    mkdirSync(path.join(folder, 'templates'))
    writeFileSync(path.join(folder, 'secret.txt'), 'secret')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('gets the same data, and becomes a Factur-X by itself; a change of it counts at once', async () => {
    const file = template('#let data = json(bytes(sys.inputs.data))\nOurs: #data.number')
    const first = readPdf(await renderPdf(invoice, { facturX: true, template: file }))
    expect(first.text).toContain('Ours: 2026-11-000187')
    expect(first.pages).toBe(1)
    expect([...first.attachments.keys()]).toEqual(['factur-x.xml'])
    writeFileSync(file, 'Changed')
    expect(readPdf(await renderPdf(invoice, { facturX: false, template: file })).text).toContain('Changed')
  })

  test.for([
    ['does not compile', '#nonsense()', 'nonsense'],
    ['wants a font that is not there', '#set text(font: "No Such Font")\nx', 'no such font'],
    ['reads outside of its folder', '#read("../secret.txt")', 'outside of project root'],
    ['stops by itself', '#panic("No way")', 'No way'],
  ] as const)('that %s is refused in words', async ([, source, words]) => {
    const failed = renderPdf(invoice, { facturX: false, template: template(source) })
    await expect(failed).rejects.toMatchObject({
      code: 'refused',
      values: { problems: expect.stringContaining(words) },
      hint: expect.stringContaining('template'),
    })
  })
})

describe('a logo', () => {
  test('is set', async () => {
    const logo = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 40"><circle cx="30" cy="20" r="15"/><rect width="9" height="9"/></svg>',
    )
    const [plain, withLogo] = [
      await renderPdf(invoice, { facturX: false }),
      await renderPdf(documentOf({ seller: { ...seller, logo } }), { facturX: false }),
    ]
    expect(readPdf(withLogo).objects.length).toBeGreaterThan(readPdf(plain).objects.length)
  })

  test('that is no image is refused', async () => {
    const logo = Buffer.from('PDF? no')
    await expect(renderPdf(documentOf({ seller: { ...seller, logo } }), { facturX: false })).rejects.toThrow('The logo is not')
  })
})

/** Any white space as one space. */
const spaced = (text: string) => text.replace(/[\s\u00a0\u202f\u200b]+/g, ' ')
