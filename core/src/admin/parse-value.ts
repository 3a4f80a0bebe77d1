import { isIP, isIPv6 } from 'node:net'
import type { Column } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { FieldKind } from '../app/resource.ts'
import type { Values } from '../errors.ts'
import { timeZone } from '../ui/intl.ts'
import { parseDate, parseMoney } from '../ui/parse.ts'
import { readPrefix, writeAddress, writePrefix } from '../ui/space.ts'

/** What was typed, understood or not; the message is English, to be translated with its values. */
export type ParsedValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly values?: Values }

const longest = { text: 1_000, textarea: 100_000 }

/** Understands what was typed for one kind of field. `text` is not empty. */
export function parseValue(kind: FieldKind, text: string, column?: Column): ParsedValue {
  switch (kind) {
    case 'date': {
      const parsed = parseDate(text)
      return parsed.ok && column?.dataType === 'date' ? accept(new Date(`${parsed.value}T00:00:00Z`)) : parsed
    }
    case 'datetime':
      return parseMoment(text, column)
    case 'integer':
      return parseInteger(text, column)
    case 'decimal':
      return parseDecimal(text, column)
    case 'money':
      return parseMoney(text)
    case 'boolean':
      return parseBoolean(text)
    case 'address':
      return parseAddress(text)
    case 'prefix':
      return parsePrefix(text)
    case 'email':
      return /^[^@\s]+@[^@\s]+$/.test(text)
        ? parseText(text, false, column)
        : refuse('Give an e-mail address such as {{example}}.', { example: 'name@example.org' })
    default:
      return parseText(text, kind === 'textarea', column)
  }
}

const accept = (value: unknown): ParsedValue => ({ ok: true, value })
const refuse = (message: string, values: Values = {}): ParsedValue => ({ ok: false, message, values })

function parseText(text: string, lines: boolean, column: Column | undefined): ParsedValue {
  const value = lines ? text.replace(/\r\n?/g, '\n') : text
  const length = column && 'length' in column && typeof column.length === 'number' ? column.length : lines ? longest.textarea : longest.text
  return [...value].length > length ? refuse('Give at most {{length}} characters.', { length }) : accept(value)
}

/** True for what no field takes: NUL and other control characters, and halves of characters. Lines only where there may be several. */
export const hasControls = (text: string, lines: boolean): boolean =>
  !text.isWellFormed() || /\p{Cc}/u.test(lines ? text.replace(/[\n\r\t]/g, '') : text)

const bounds: Readonly<Record<string, number>> = {
  PgInteger: 2_147_483_647,
  PgSerial: 2_147_483_647,
  PgSmallInt: 32_767,
  PgSmallSerial: 32_767,
}

function parseInteger(text: string, column: Column | undefined): ParsedValue {
  const typed = text.replace(/[\s\u00a0\u202f]/g, '').replace(/^\u2212/, '-')
  if (!/^[+-]?\d{1,16}$/.test(typed)) return refuse('Give a whole number such as {{example}}.', { example: 12 })
  const value = Number(typed)
  const most = bounds[column?.columnType ?? ''] ?? Number.MAX_SAFE_INTEGER
  return Math.abs(value) > most ? refuse('Give a number up to {{most}}.', { most }) : accept(value === 0 ? 0 : value)
}

function parseDecimal(text: string, column: Column | undefined): ParsedValue {
  const typed = text
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(/^\u2212/, '-')
    .replace(',', '.')
  const found = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(typed)
  if (!found) return refuse('Give a number such as {{example}}.', { example: t('12.5') })
  const scale = column && 'scale' in column && typeof column.scale === 'number' ? column.scale : undefined
  const decimals = found[3] ?? ''
  if (scale !== undefined && decimals.length > scale) return refuse('Give at most {{scale}} decimals.', { scale })
  return accept(`${found[1] === '-' ? '-' : ''}${(found[2] ?? '').replace(/^0+(?=\d)/, '')}${decimals && `.${decimals}`}`)
}

const yes = ['true', 'on', 'yes', '1', 'oui']
const no = ['false', 'off', 'no', '0', 'non']

function parseBoolean(text: string): ParsedValue {
  const typed = text.toLowerCase()
  return yes.includes(typed) ? accept(true) : no.includes(typed) ? accept(false) : refuse('Give yes or no.')
}

function parseAddress(text: string): ParsedValue {
  return isIP(text) && !text.includes('%')
    ? accept(writeAddress(readPrefix(text)))
    : refuse('Give an address such as {{ipv4}} or {{ipv6}}.', { ipv4: '192.0.2.1', ipv6: '2001:db8::1' })
}

function parsePrefix(text: string): ParsedValue {
  const [address = '', length = '', ...rest] = text.split('/')
  const most = isIPv6(address) ? 128 : 32
  if (rest.length > 0 || !isIP(address) || address.includes('%') || !/^\d{1,3}$/.test(length) || Number(length) > most) {
    return refuse('Give a prefix such as {{ipv4}} or {{ipv6}}.', { ipv4: '192.0.2.0/24', ipv6: '2001:db8::/48' })
  }
  const network = readPrefix(text)
  if (writeAddress(readPrefix(address)) === writeAddress(network)) return accept(writePrefix(network))
  return refuse('{{prefix}} has host bits set; the network is {{network}}.', { prefix: text, network: writePrefix(network) })
}

/** A moment in the provider's time zone, unless it says its own. */
function parseMoment(text: string, column: Column | undefined): ParsedValue {
  const [, date = '', time = '', offset = ''] =
    /^([^\sT]+)(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(text.trim()) ?? []
  const day = parseDate(date)
  if (!day.ok) return refuse('Give a date and time such as {{example}}.', { example: '2026-11-30 18:00' })
  try {
    const clock = (time || '00:00').padStart(5, '0')
    const instant = offset
      ? Temporal.Instant.from(`${day.value}T${clock}${offset}`)
      : Temporal.ZonedDateTime.from(`${day.value}T${clock}[${timeZone()}]`).toInstant()
    return accept(column?.dataType === 'date' ? new Date(instant.epochMilliseconds) : instant.toString())
  } catch {
    return refuse('Give a date and time such as {{example}}.', { example: '2026-11-30 18:00' })
  }
}
