/**
 * What the ISO 20022 reason codes of returned and refused SEPA payments mean, in English; each is the key of its translation.
 * Source: ExternalReturnReason1Code and ExternalStatusReason1Code, those that SEPA direct debits and transfers use.
 */
export const reasonCodes = {
  AC01: 'The account number is wrong.',
  AC04: 'The account is closed.',
  AC06: 'The account is blocked.',
  AC13: 'The account is not a consumer’s.',
  AG01: 'Direct debits are not allowed on this account.',
  AG02: 'The bank does not know this kind of operation, or the sequence is wrong.',
  AM04: 'There is not enough money on the account.',
  AM05: 'The payment was sent twice.',
  AM09: 'The amount is not the agreed one.',
  BE05: 'The creditor identifier is wrong.',
  CNOR: 'The creditor’s bank is not known under this BIC.',
  CUST: 'The customer asked for it.',
  DNOR: 'The debtor’s bank is not known under this BIC.',
  DUPL: 'The payment was sent twice.',
  ED05: 'The settlement failed.',
  FF01: 'The file or the message is malformed.',
  FF05: 'The kind of direct debit is not the right one.',
  FOCR: 'The money came back after a request for cancellation.',
  FRAD: 'The payment was said to be a fraud.',
  MD01: 'There is no valid mandate.',
  MD02: 'The mandate lacks data, or they are wrong.',
  MD06: 'The debtor asked for the money back, within eight weeks.',
  MD07: 'The debtor has died.',
  MS02: 'The debtor refused the debit.',
  MS03: 'The bank gives no reason.',
  NOAS: 'The beneficiary did not answer a request for the money back.',
  NOOR: 'There was no such transfer.',
  RC01: 'The BIC is wrong.',
  RR01: 'The debtor’s account or identity is missing, which the law requires.',
  RR02: 'The debtor’s name or address is missing, which the law requires.',
  RR03: 'The creditor’s name or address is missing, which the law requires.',
  RR04: 'The payment was refused for a legal reason.',
  SL01: 'The debtor has this creditor blocked, or allows others only.',
  TECH: 'A technical problem prevented the payment.',
  TM01: 'The order came after the bank’s closing time.',
} as const
export type ReasonCode = keyof typeof reasonCodes

/** What a reason code means, the key of a translation; a sentence for any other code. */
export function reasonText(code: string | undefined): string {
  return code !== undefined && Object.hasOwn(reasonCodes, code)
    ? reasonCodes[code as ReasonCode]
    : 'The bank gives a reason that is not known here.'
}

/** Reasons after which the mandate must not be used again without asking the member: the account or the mandate is no longer good. */
export const endsMandate = (code: string | undefined): boolean =>
  code !== undefined && /^(AC01|AC04|AC06|AC13|AG01|MD01|MD07|SL01)$/.test(code)
