import { decimal } from '../../billing/money.ts'
import { sepaText } from './sepa-text.ts'
import type { Creditor, PainFormat, Sequence } from './tables.ts'

/** One direct debit of a file. */
export interface DebitLine {
  readonly endToEndId: string
  /** Euros, above zero. */
  readonly amount: string
  readonly sequence: Sequence
  readonly mandate: string
  /** ISO. */
  readonly signedOn: string
  readonly name: string
  readonly iban: string
  /** `''` when unknown. */
  readonly bic: string
  /** What stands on the account's statement. */
  readonly remittance: string
}

export interface DebitFile {
  readonly format: PainFormat
  readonly messageId: string
  /** Local time, to the second. */
  readonly madeAt: string
  /** ISO. */
  readonly collectOn: string
  readonly creditor: Creditor
  readonly lines: readonly DebitLine[]
}

/**
 * The order to a bank to collect (ISO 20022 pain.008, SEPA Core), one block per sequence. The same content gives the same bytes.
 * Source: EPC130-08, the implementation guidelines of the scheme.
 */
export function pain008(file: DebitFile): string {
  const { format, messageId, madeAt, creditor, lines } = file
  const bySequence = (['FRST', 'RCUR', 'OOFF'] as const)
    .map(sequence => ({ sequence, own: lines.filter(line => line.sequence === sequence) }))
    .filter(({ own }) => own.length > 0)
  const header = tag('GrpHdr', [
    leaf('MsgId', messageId),
    leaf('CreDtTm', madeAt),
    ...totals(lines),
    tag('InitgPty', [leaf('Nm', nameOf(creditor.name))]),
  ])
  const blocks = bySequence.map(({ sequence, own }) => block(file, sequence, own))
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${format}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${tag('CstmrDrctDbtInitn', [header, ...blocks])}
</Document>
`
}

function block({ format, messageId, collectOn, creditor }: DebitFile, sequence: Sequence, lines: readonly DebitLine[]): string {
  return tag('PmtInf', [
    leaf('PmtInfId', `${messageId}-${sequence}`),
    leaf('PmtMtd', 'DD'),
    leaf('BtchBookg', 'true'),
    ...totals(lines),
    tag('PmtTpInf', [tag('SvcLvl', [leaf('Cd', 'SEPA')]), tag('LclInstrm', [leaf('Cd', 'CORE')]), leaf('SeqTp', sequence)]),
    leaf('ReqdColltnDt', collectOn),
    tag('Cdtr', [leaf('Nm', nameOf(creditor.name))]),
    account('CdtrAcct', creditor.iban),
    agent('CdtrAgt', creditor.bic, format),
    leaf('ChrgBr', 'SLEV'),
    tag('CdtrSchmeId', [
      tag('Id', [tag('PrvtId', [tag('Othr', [leaf('Id', creditor.creditorId), tag('SchmeNm', [leaf('Prtry', 'SEPA')])])])]),
    ]),
    ...lines.map(line => transaction(line, format)),
  ])
}

const transaction = (line: DebitLine, format: PainFormat): string =>
  tag('DrctDbtTxInf', [
    tag('PmtId', [leaf('EndToEndId', line.endToEndId)]),
    `<InstdAmt Ccy="EUR">${decimal(line.amount).toFixed(2)}</InstdAmt>`,
    tag('DrctDbtTx', [tag('MndtRltdInf', [leaf('MndtId', line.mandate), leaf('DtOfSgntr', line.signedOn), leaf('AmdmntInd', 'false')])]),
    agent('DbtrAgt', line.bic, format),
    tag('Dbtr', [leaf('Nm', nameOf(line.name))]),
    account('DbtrAcct', line.iban),
    ...(sepaText(line.remittance, 140) ? [tag('RmtInf', [leaf('Ustrd', sepaText(line.remittance, 140))])] : []),
  ])

const totals = (lines: readonly DebitLine[]): string[] => [
  leaf('NbOfTxs', String(lines.length)),
  leaf('CtrlSum', lines.reduce((sum, { amount }) => sum.plus(amount), decimal(0)).toFixed(2)),
]

const account = (name: string, iban: string): string => tag(name, [tag('Id', [leaf('IBAN', iban)])])

/** A bank without a BIC is found from the IBAN. */
const agent = (name: string, bic: string, format: PainFormat): string =>
  tag(name, [
    tag('FinInstnId', [bic ? leaf(format === 'pain.008.001.02' ? 'BIC' : 'BICFI', bic) : tag('Othr', [leaf('Id', 'NOTPROVIDED')])]),
  ])

/** A name in letters that no counterpart exists for is still somebody's: the bank knows whose from the IBAN. */
const nameOf = (name: string): string => sepaText(name, 70) || 'NOTPROVIDED'

const tag = (name: string, inside: readonly string[]): string => `<${name}>\n${inside.join('\n')}\n</${name}>`
const leaf = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`
const escaped = (text: string): string => text.replace(/[&<>"]/g, each => `&#${each.charCodeAt(0)};`)
