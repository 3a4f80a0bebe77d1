import { isValidBIC, isValidIBAN } from 'ibantools'
import { isCreditorId } from '../../app/creditor-id.ts'
import { readXml } from '../statement/xml.ts'
import { isTargetDay } from './target-day.ts'

/**
 * The rules of pain.008 that SEPA Core asks for, written from the implementation guidelines (EPC130-08) and not from the writer: which elements, in
 * which order, of which form, and which sums. Returns what is wrong.
 */
export function checkPain008(xml: string, format: string): string[] {
  const read = readXml(xml)
  if (!('tree' in read)) return ['it is no XML']
  const wrong: string[] = []
  if (!xml.includes(`xmlns="urn:iso:std:iso:20022:tech:xsd:${format}"`)) wrong.push('namespace')
  const elements = elementsOf(xml)
  const bic = format.endsWith('.02') ? 'BIC' : 'BICFI'
  const rules: Readonly<Record<string, readonly string[]>> = {
    Document: ['CstmrDrctDbtInitn'],
    CstmrDrctDbtInitn: ['GrpHdr', 'PmtInf+'],
    GrpHdr: ['MsgId', 'CreDtTm', 'NbOfTxs', 'CtrlSum', 'InitgPty'],
    InitgPty: ['Nm'],
    PmtInf: [
      'PmtInfId',
      'PmtMtd',
      'BtchBookg?',
      'NbOfTxs',
      'CtrlSum',
      'PmtTpInf',
      'ReqdColltnDt',
      'Cdtr',
      'CdtrAcct',
      'CdtrAgt',
      'ChrgBr',
      'CdtrSchmeId',
      'DrctDbtTxInf+',
    ],
    PmtTpInf: ['SvcLvl', 'LclInstrm', 'SeqTp'],
    SvcLvl: ['Cd'],
    LclInstrm: ['Cd'],
    Cdtr: ['Nm'],
    Dbtr: ['Nm'],
    CdtrAcct: ['Id'],
    DbtrAcct: ['Id'],
    CdtrAgt: ['FinInstnId'],
    DbtrAgt: ['FinInstnId'],
    CdtrSchmeId: ['Id'],
    PrvtId: ['Othr'],
    SchmeNm: ['Prtry'],
    DrctDbtTxInf: ['PmtId', 'InstdAmt', 'DrctDbtTx', 'DbtrAgt', 'Dbtr', 'DbtrAcct', 'RmtInf?'],
    PmtId: ['EndToEndId'],
    DrctDbtTx: ['MndtRltdInf'],
    MndtRltdInf: ['MndtId', 'DtOfSgntr', 'AmdmntInd?'],
    RmtInf: ['Ustrd'],
  }
  for (const { name, children } of elements) {
    const rule = rules[name]
    if (
      rule &&
      !new RegExp(`^${rule.map(each => `(?:${each.replace(/[+?]$/, '')} )${/[+?]$/.exec(each)?.[0] ?? ''}`).join('')}$`).test(
        children.map(each => `${each} `).join(''),
      )
    )
      wrong.push(`${name} holds ${children.join(' ')}`)
    if (name === 'FinInstnId' && ![bic, 'Othr'].includes(children.join(' '))) wrong.push(`FinInstnId holds ${children.join(' ')}`)
  }
  const text = /^[A-Za-z0-9/?:().,'+ -]+$/
  const id = /^(?!\/)(?!.*\/\/)(?!.*\/$)[A-Za-z0-9/?:().,'+-]{1,35}$/
  const forms: Readonly<Record<string, (value: string) => boolean>> = {
    MsgId: value => id.test(value),
    PmtInfId: value => id.test(value),
    EndToEndId: value => id.test(value),
    MndtId: value => id.test(value),
    CreDtTm: value => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value),
    PmtMtd: value => value === 'DD',
    ChrgBr: value => value === 'SLEV',
    SeqTp: value => ['FRST', 'RCUR', 'FNAL', 'OOFF'].includes(value),
    Cd: value => ['SEPA', 'CORE'].includes(value),
    Prtry: value => value === 'SEPA',
    ReqdColltnDt: value => isTargetDay(Temporal.PlainDate.from(value)),
    DtOfSgntr: value => /^\d{4}-\d\d-\d\d$/.test(value),
    Nm: value => text.test(value) && value.length <= 70 && value.trim() === value,
    Ustrd: value => text.test(value) && value.length <= 140,
    IBAN: value => isValidIBAN(value),
    BIC: value => isValidBIC(value),
    BICFI: value => isValidBIC(value),
    NbOfTxs: value => /^[1-9]\d{0,14}$/.test(value),
    CtrlSum: value => /^\d{1,15}\.\d\d$/.test(value),
    InstdAmt: value => /^\d{1,9}\.\d\d$/.test(value) && value !== '0.00',
  }
  for (const { name, value, children } of elements)
    if (children.length === 0 && forms[name] && !forms[name](value)) wrong.push(`${name} is ${value}`)
  const values = (part: string, name: string) =>
    [...part.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`, 'g'))].map(([, value]) => value ?? '')
  if (new Set(values(xml, 'EndToEndId')).size !== values(xml, 'EndToEndId').length) wrong.push('an end-to-end id stands twice')
  if (
    !values(xml, 'Id')
      .filter(value => value !== 'NOTPROVIDED' && value !== '')
      .every(isCreditorId)
  )
    wrong.push('the creditor identifier')
  for (const part of [xml, ...xml.split('<PmtInf>').slice(1)]) {
    const cents = values(part, 'InstdAmt').reduce((sum, value) => sum + BigInt(value.replace('.', '')), 0n)
    if (values(part, 'CtrlSum')[0]?.replace('.', '') !== String(cents).padStart(3, '0')) wrong.push('a control sum')
    if (values(part, 'NbOfTxs')[0] !== String(values(part, 'InstdAmt').length)) wrong.push('a number of transactions')
  }
  if (values(xml, 'SeqTp').length !== new Set(values(xml, 'SeqTp')).size) wrong.push('two blocks of one sequence')
  return wrong
}

interface Element {
  readonly name: string
  readonly children: string[]
  value: string
}

function elementsOf(xml: string): Element[] {
  const found: Element[] = []
  const open: Element[] = []
  for (const [, close, name = '', empty, text] of xml.replace(/<\?.*?\?>/g, '').matchAll(/<(\/?)([A-Za-z]+)[^>]*?(\/?)>|([^<]+)/g)) {
    const top = open.at(-1)
    if (text !== undefined) {
      if (top) top.value += text
    } else if (close) {
      open.pop()
    } else {
      const element: Element = { name, children: [], value: '' }
      top?.children.push(name)
      found.push(element)
      if (!empty) open.push(element)
    }
  }
  return found
}
