import { isIPv4, isIPv6 } from 'node:net'
import { electronicFormatIBAN, isValidIBAN } from 'ibantools'
import { parseDate, parseMoney } from '../ui/parse.ts'

/** The number in `#12`. */
export function numberIn(text: string): number | undefined {
  const number = Number(/^#\s?([1-9]\d{0,15})$/.exec(text)?.[1] ?? Number.NaN)
  return Number.isSafeInteger(number) ? number : undefined
}

/** An e-mail address, in lower case. */
export const emailIn = (text: string): string | undefined => (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) ? text.toLowerCase() : undefined)

/** A MAC address in any notation, as twelve digits. */
export function macIn(text: string): string | undefined {
  const known = /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$|^(?=.*[a-f])[0-9a-f]{12}$/i
  return known.test(text) ? text.replace(/[^0-9a-f]/gi, '').toLowerCase() : undefined
}

/** How a MAC address may be kept. */
export function macNotations(digits: string): string[] {
  const by = (size: number, separator: string) => digits.match(new RegExp(`.{${size}}`, 'g'))?.join(separator) ?? digits
  const lower = [by(2, ':'), by(2, '-'), by(4, '.'), digits]
  return [...lower, ...lower.map(each => each.toUpperCase())]
}

/**
 * A telephone number, or the end of one: its digits without what changes with the notation, which is the country's prefix or the zero instead
 * of it. Nine of them tell one number from another.
 */
export function phoneIn(text: string): string | undefined {
  const written = /^(?:\+|0|\()[\d\s().\u00a0\u202f-]{5,}$|^\d{2}(?:[\s.\u00a0\u202f-]\d{2}){2,}$|^\d{6,15}$/
  if (!written.test(text)) return undefined
  const digits = text.replace(/\D/g, '')
  if (digits.length < 6 || digits.length > 16) return undefined
  return digits.length > 9 ? digits.slice(-9) : digits.replace(/^0+/, '')
}

/** An IBAN without spaces, its check digits right. */
export function ibanIn(text: string): string | undefined {
  const iban = electronicFormatIBAN(text)
  return iban && isValidIBAN(iban) ? iban : undefined
}

/** An amount above zero, as a decimal such as `23.60`. A whole number is one as well. */
export function amountIn(text: string): string | undefined {
  const bare = text.replace(/^[−-]/, '')
  const parsed = /^[\d\s.,’'€$£\u00a0\u202f]+$/.test(bare) && /^\D*(?:[1-9]|0[.,]|0$)/.test(bare) ? parseMoney(bare) : undefined
  // an amount as others write it: the decimal mark of the other language
  const other = parsed && !parsed.ok && /^\d+[.,]\d{1,2}$/.test(bare) ? bare.replace(',', '.') : undefined
  const value = parsed?.ok ? parsed.value : other
  return value !== undefined && Number(value) > 0 && value.length <= 15 ? value : undefined
}

/** A day, ISO. */
export function dayIn(text: string): string | undefined {
  const parsed = parseDate(text)
  return parsed.ok ? parsed.value : undefined
}

/** Words of a bank transfer's label among which a reference may be: at least two, one of them with a figure. */
export function labelIn(text: string): readonly string[] | undefined {
  const words = text.split(/[\s,;:/]+/).filter(word => word.length >= 4 && word.length <= 60)
  const known = ibanIn(text) ? [] : words.filter(word => /\d/.test(word) && /[a-z]/i.test(word))
  return text.trim().includes(' ') && known.length > 0 ? known.slice(0, 20) : undefined
}

/** An address or a prefix in any notation. */
export interface Place {
  readonly family: 4 | 6
  /** With its length: `192.0.2.17/32`, `2001:db8::/56`. What lies behind the length is kept, and PostgreSQL cuts it. */
  readonly prefix: string
  readonly single: boolean
  /** It was written as the name of its reverse zone. */
  readonly reverse: boolean
}

/** What `192.0.2.17`, `192.0.2.0/24`, `192.0.2.*`, `192.0.2.0/255.255.255.0`, `[2001:DB8::1]` or `17.2.0.192.in-addr.arpa` stand for. */
export function placeIn(text: string): Place | undefined {
  const typed = text.trim().toLowerCase()
  const zone = reverseZone(typed)
  if (zone) return placeOf(zone, true)
  const open = /^(\d{1,3}(?:\.\d{1,3}){0,2})\.\*?(?:\.\*)*$/.exec(typed)?.[1]
  if (open) {
    const parts = open.split('.')
    return parts.length > 1 || typed.endsWith('*')
      ? placeOf(`${[...parts, '0', '0', '0'].slice(0, 4).join('.')}/${parts.length * 8}`)
      : undefined
  }
  return placeOf(typed)
}

function placeOf(typed: string, reverse = false): Place | undefined {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?(\/\d{1,3})?$/.exec(typed)
  const [address = '', length, ...rest] = (bare ? `${bare[1]}${bare[2] ?? ''}` : typed).split('/').map(part => part.trim())
  const host = address.replace(/%.*$/, '').replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, '$1')
  const plain = /^[\d.]+$/.test(host) ? host.replace(/(^|\.)0+(?=\d)/g, '$1') : host
  const family = isIPv4(plain) ? 4 : isIPv6(plain) ? 6 : undefined
  if (!family || rest.length > 0) return undefined
  const most = family === 4 ? 32 : 128
  const bits =
    length === undefined ? most : family === 4 && isIPv4(length) ? maskBits(length) : /^\d{1,3}$/.test(length) ? Number(length) : undefined
  return bits === undefined || bits > most ? undefined : { family, prefix: `${plain}/${bits}`, single: bits === most, reverse }
}

/** How long the prefix of a netmask is; undefined when its ones do not stand together. */
function maskBits(mask: string): number | undefined {
  const bits = mask
    .split('.')
    .map(part => Number(part).toString(2).padStart(8, '0'))
    .join('')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

/** The prefix of a zone such as `2.0.192.in-addr.arpa`. */
function reverseZone(name: string): string | undefined {
  const [, four] = /^((?:\d{1,3}\.){1,4})in-addr\.arpa\.?$/.exec(name) ?? []
  if (four) {
    const parts = four.split('.').filter(Boolean).reverse()
    return `${[...parts, '0', '0', '0'].slice(0, 4).join('.')}/${parts.length * 8}`
  }
  const [, six] = /^((?:[0-9a-f]\.){1,32})ip6\.arpa\.?$/.exec(name) ?? []
  if (!six) return undefined
  const digits = six.split('.').filter(Boolean).reverse().join('')
  return `${digits.padEnd(32, '0').match(/.{4}/g)?.join(':') ?? ''}/${digits.length * 4}`
}
