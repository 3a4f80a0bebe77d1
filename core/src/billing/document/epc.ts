import Big from 'big.js'

export interface EpcTransfer {
  /** Cut after 70 characters. */
  readonly name: string
  readonly iban: string
  readonly bic?: string | undefined
  /** A decimal string. */
  readonly amount: string
  readonly currency: string
  /** What stands in the transfer; cut after 140 characters. */
  readonly reference: string
}

/**
 * What a QR code says that banking apps turn into a transfer (EPC069-12, version 2). Undefined where there is none: another currency than
 * the euro, or an amount outside of 0.01 to 999,999,999.99.
 */
export function epcPayload({ name, iban, bic, amount, currency, reference }: EpcTransfer): string | undefined {
  const sum = new Big(amount)
  if (currency !== 'EUR' || sum.lt('0.01') || sum.gt('999999999.99')) return undefined
  const lines = [
    'BCD',
    '002',
    // UTF-8
    '1',
    'SCT',
    bic?.replace(/\s/g, '') ?? '',
    cut(name, 70),
    iban.replace(/\s/g, ''),
    `EUR${sum.toFixed(2)}`,
    // no purpose code, no structured reference: text, because any bank shows it
    '',
    '',
    cut(reference, 140),
  ]
  return lines.join('\n')
}

/** In characters, never within one. */
const cut = (text: string, length: number) =>
  [
    ...text
      .toWellFormed()
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
  ]
    .slice(0, length)
    .join('')
    .trim()
