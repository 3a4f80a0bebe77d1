import { breakable, cleanLine, cleanText } from './clean-text.ts'
import type { Buyer, Seller } from './document.ts'
import type { Words } from './words.ts'

export interface Labelled {
  readonly label: string
  readonly value: string
}

/** Address lines as on an envelope; the country only where it is another than the one it is sent from. */
export function addressed(party: Buyer, from: string, language = 'en'): { name: string; address: string[] } {
  const country =
    from && party.country !== from ? new Intl.DisplayNames([language], { type: 'region', fallback: 'code' }).of(party.country) : ''
  return {
    name: breakable(cleanLine(party.name)),
    address: [...party.address.flatMap(line => cleanText(line).split('\n')), `${party.postalCode ?? ''} ${party.city ?? ''}`, country ?? '']
      .map(line => breakable(cleanLine(line)))
      .filter(Boolean),
  }
}

/** Under which numbers somebody is registered. */
export const numbersOf = (party: Seller | Buyer, own: Words): Labelled[] =>
  [
    'siret' in party && party.siret
      ? { label: own.siret, value: grouped(party.siret, /^(\d{3})(\d{3})(\d{3})(\d{5})$/) }
      : { label: own.siren, value: grouped(party.siren ?? '', /^(\d{3})(\d{3})(\d{3})$/) },
    { label: own.registration, value: 'registration' in party ? cleanLine(party.registration ?? '') : '' },
    { label: own.vatId, value: cleanLine(party.vatId ?? '') },
  ].filter(({ value }) => value !== '')

const grouped = (number: string, groups: RegExp): string =>
  cleanLine(number).replace(groups, (_, ...parts: string[]) => parts.slice(0, -2).join('\u00a0'))
