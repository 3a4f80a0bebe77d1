import { decode } from '../statement/decode.ts'
import type { StatementProblem } from '../statement/statement.ts'
import { cleanReference, cleanText } from '../statement/texts.ts'
import { all, at, readXml, textAt, type XmlNode } from '../statement/xml.ts'

/** A bank's answer to a file of direct debits or transfers (pain.002, every version). Statuses are ISO codes: ACCP, ACSC, RJCT, PART… */
export interface StatusReport {
  readonly messageId: string
  /** The message that it answers. */
  readonly originalMessageId?: string
  readonly groupStatus?: string
  readonly groupReason?: string
  readonly payments: readonly PaymentStatus[]
  readonly transactions: readonly TransactionStatus[]
}

/** A whole block of the original file. A bank may refuse one without a word on its transactions. */
export interface PaymentStatus {
  readonly paymentInformationId?: string
  readonly status?: string
  readonly reason?: string
}

/** What became of one payment. A status or a reason that it lacks is its block's or the group's; of those not named, see `payments` and `groupStatus`. */
export interface TransactionStatus {
  readonly endToEndId?: string
  readonly instructionId?: string
  readonly paymentInformationId?: string
  readonly status: string
  /** ISO code such as AM04, or the bank's own; see `reasonText`. */
  readonly reason?: string
  /** What the bank adds in words. */
  readonly information?: string
}

/** Reads a pain.002, with the same care as a statement: all of it or its problems; it never throws at what a file holds. */
export function readPain002(bytes: Uint8Array): { report: StatusReport } | { problems: StatementProblem[] } {
  const decoded = decode(bytes)
  if ('problem' in decoded) return { problems: [decoded.problem] }
  const read = readXml(decoded.text)
  if ('problem' in read) return { problems: [read.problem] }
  const root = at(read.tree, 'Document', 'CstmrPmtStsRpt') ?? at(read.tree, 'Document', 'pain.002.001.02')
  const messageId = cleanText(textAt(root, 'GrpHdr', 'MsgId'))
  if (root === undefined || !messageId)
    return { problems: [{ field: 'CstmrPmtStsRpt', message: 'This is no status report: export the pain.002 that answers the file.' }] }
  const group = at(root, 'OrgnlGrpInfAndSts')
  const groupStatus = cleanText(textAt(group, 'GrpSts'))
  const blocks = all(root, 'OrgnlPmtInfAndSts')
  const problems: StatementProblem[] = []
  const transactions = [
    ...all(root, 'TxInfAndSts').map(each => readTransaction(each, { status: groupStatus, reason: reasonOf(group) }, undefined, problems)),
    ...blocks.flatMap(block => {
      const whole = { status: cleanText(textAt(block, 'PmtInfSts')) ?? groupStatus, reason: reasonOf(block) }
      return all(block, 'TxInfAndSts').map(each => readTransaction(each, whole, cleanReference(textAt(block, 'OrgnlPmtInfId')), problems))
    }),
  ]
  if (problems.length > 0) return { problems }
  const originalMessageId = cleanText(textAt(group, 'OrgnlMsgId'))
  const groupReason = reasonOf(group)
  return {
    report: {
      messageId,
      ...(originalMessageId && { originalMessageId }),
      ...(groupStatus && { groupStatus }),
      ...(groupReason && { groupReason }),
      payments: blocks.map(readPayment),
      transactions: transactions.flatMap(each => each ?? []),
    },
  }
}

function readPayment(block: XmlNode): PaymentStatus {
  const paymentInformationId = cleanReference(textAt(block, 'OrgnlPmtInfId'))
  const status = cleanText(textAt(block, 'PmtInfSts'))
  const reason = reasonOf(block)
  return { ...(paymentInformationId && { paymentInformationId }), ...(status && { status }), ...(reason && { reason }) }
}

function readTransaction(
  node: XmlNode,
  whole: { readonly status: string | undefined; readonly reason: string | undefined },
  paymentInformationId: string | undefined,
  problems: StatementProblem[],
): TransactionStatus | undefined {
  const endToEndId = cleanReference(textAt(node, 'OrgnlEndToEndId'))
  const instructionId = cleanReference(textAt(node, 'OrgnlInstrId'))
  const status = cleanText(textAt(node, 'TxSts')) ?? (whole.status === 'PART' ? undefined : whole.status)
  const problem = (field: string, message: string) => {
    problems.push({ field, message, values: { name: endToEndId ?? instructionId ?? '' } })
    return undefined
  }
  if (!endToEndId && !instructionId)
    return problem('OrgnlEndToEndId', 'A transaction of this report has no name: ask the bank for another.')
  if (!status) return problem('TxSts', 'The transaction {{name}} has no status: ask the bank for another report.')
  const reason = reasonOf(node) ?? whole.reason
  const information = cleanText(
    all(at(node, 'StsRsnInf'), 'AddtlInf')
      .filter(each => typeof each === 'string')
      .join(' '),
  )
  return {
    ...(endToEndId && { endToEndId }),
    ...(instructionId && { instructionId }),
    ...(paymentInformationId && { paymentInformationId }),
    status,
    ...(reason && { reason }),
    ...(information && { information }),
  }
}

const reasonOf = (node: XmlNode | undefined): string | undefined =>
  cleanText(
    textAt(node, 'StsRsnInf', 'Rsn', 'Cd') ?? textAt(node, 'StsRsnInf', 'Rsn', 'Prtry') ?? textAt(node, 'StsRsnInf', 'StsRsn', 'Cd'),
  )
