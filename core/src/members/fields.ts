import type { Choice, Field } from '../app/resource.ts'
import { scopeIfAny } from '../app/scope.ts'
import * as check from './checks.ts'

export const kinds: readonly Choice[] = [
  { value: 'natural', label: 'Natural person' },
  { value: 'legal', label: 'Legal entity', help: 'An association, a company, a town' },
]
export const statuses: readonly Choice[] = [
  { value: 'pending', label: 'Pending', help: 'Asked to join, nobody has answered yet' },
  { value: 'member', label: 'Member' },
  { value: 'not_member', label: 'Not a member', help: 'Has left, or is a customer only' },
]

/** Each field of a member, said once: for the back office, the CLI and the member's own page. */
export const memberFields = {
  kind: { label: 'Kind', kind: 'choice', choices: kinds },
  firstName: { label: 'First name', help: 'For a natural person' },
  lastName: { label: 'Last name', help: 'For a natural person' },
  organizationName: { label: 'Organisation', help: 'For a legal entity; first and last name are then those of whom to write to' },
  nickname: { label: 'Nickname', help: 'How we greet' },
  username: { label: 'Username', help: 'Left empty, it is made from the name', required: false, check: check.username },
  email: { label: 'E-mail address', kind: 'email', check: check.email },
  homePhone: { label: 'Home phone', check: check.phone },
  mobilePhone: { label: 'Mobile phone', check: check.phone },
  address: { label: 'Postal address', kind: 'textarea', help: 'Number and street' },
  postalCode: { label: 'Postal code' },
  city: { label: 'City' },
  country: { label: 'Country', kind: 'choice', choices: async () => countries(), check: check.country },
  language: { label: 'Language', help: 'Of mails and pages', kind: 'choice', choices: async () => languages() },
  status: { label: 'Status', kind: 'choice', choices: statuses },
  joinedOn: { label: 'Member since', help: 'Today unless given' },
  resignedOn: { label: 'Resignation', help: 'The last day as a member' },
  feeReminders: { label: 'Reminders of the membership fee', help: 'Unticked, none is sent' },
  openpgpKey: {
    label: 'OpenPGP public key',
    kind: 'textarea',
    help: 'With its BEGIN and END lines; invoices are then sent encrypted to it',
    check: check.openpgpKey,
  },
  sshKeys: { label: 'SSH public keys', kind: 'textarea', help: 'One on each line', check: check.sshKeys },
  comments: { label: 'Comments', kind: 'textarea', help: 'For staff only; the member does not see them' },
} as const satisfies Readonly<Record<string, Field>>

/** The countries, by their names in the language of the page; the provider's own first. */
export function countries(): Choice[] {
  const scope = scopeIfAny()
  const locale = scope?.locale ?? 'en'
  const names = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' })
  const own = scope?.registry.config.provider.country
  const all = countryCodes.flatMap(value => {
    const label = names.of(value)
    return label ? [{ value, label }] : []
  })
  return all.sort((a, b) => Number(b.value === own) - Number(a.value === own) || a.label.localeCompare(b.label, locale))
}

/** The languages that Coin speaks, each by its own name. */
function languages(): Choice[] {
  const known = scopeIfAny()?.registry.translations.languages ?? ['en']
  const named = known.map(value => ({ value, label: new Intl.DisplayNames(value, { type: 'language' }).of(value) ?? value }))
  return [{ value: '', label: 'As the site' }, ...named]
}

// ISO 3166-1, without which Intl also names groups of countries and former ones
const countryCodes =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'.split(
    ' ',
  )
