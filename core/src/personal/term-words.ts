import { t } from '../app/i18n.ts'
import type { Basis, Term } from '../app/personal-data.ts'

/** How long, in words: "10 years from the end of the financial year (Code de commerce, art. L123-22)". */
export function termWords(term: 'membership' | Term): string {
  if (term === 'membership') return t('Until you have left and ask us to erase it')
  const from = t(term.from)
  const time =
    term.years !== undefined
      ? t('{{count}} years from {{from}}', { count: term.years, from })
      : term.months !== undefined
        ? t('{{count}} months from {{from}}', { count: term.months, from })
        : capital(from)
  return term.law ? t('{{time}} ({{law}})', { time, law: t(term.law) }) : time
}

const capital = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1)

/** Why it may be kept. */
export function basisWords(basis: Basis): string {
  switch (basis) {
    case 'contract':
      return t('Our contract with you')
    case 'law':
      return t('A law asks for it')
    case 'interest':
      return t('A legitimate interest of ours')
    case 'consent':
      return t('You agreed to it')
  }
}
