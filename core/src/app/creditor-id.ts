/**
 * True for a SEPA creditor identifier (AT-02) with the right check digits: the country, two digits, three characters that are the creditor's to
 * choose and are not checked, the national identifier.
 */
export function isCreditorId(text: string): boolean {
  const found = /^([A-Z]{2}\d{2})[A-Z0-9]{3}([A-Z0-9]{1,28})$/.exec(text)
  if (!found) return false
  const [, head = '', national = ''] = found
  const digits = [...`${national}${head}`].map(each => Number.parseInt(each, 36)).join('')
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1
}
