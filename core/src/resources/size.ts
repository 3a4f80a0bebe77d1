import { t } from '../app/i18n.ts'
import { formatNumber } from '../ui/index.ts'
import { readPrefix, sizeOf } from '../ui/space.ts'

/** How large a subnet is, as people count: addresses in IPv4, networks of 64 bits in IPv6. */
export function sizeInWords(text: string): string {
  const prefix = readPrefix(text)
  if (prefix.family === 6 && prefix.length <= 64) return t('{{count}} networks /64', { count: 2 ** (64 - prefix.length) })
  const size = sizeOf(prefix)
  return size <= 65536n ? t('{{count}} addresses', { count: Number(size) }) : t('{{number}} addresses', { number: formatNumber(size) })
}
