import type { DocumentKind, VatCategory } from './document.ts'

/**
 * The VAT category of what has this rate and mention. Without VAT it is `E`, exempt, with the mention as reason: the small-business scheme of
 * article 293 B and the exemption of associations in article 261-7 are exemptions of something that is within the scope of VAT. `O` is for what
 * is no supply at all, such as a membership fee that buys nothing, and what says so in its mention. EN 16931 forbids to mix `O` with anything.
 */
export function vatCategoryOf(rate: string, mention: string | undefined, kind: DocumentKind): VatCategory {
  if (Number(rate) !== 0) return 'S'
  if (/autoliquidation|reverse charge/i.test(mention ?? '')) return 'AE'
  if (/hors (du )?champ|outside (of )?the scope|not subject to VAT/i.test(mention ?? '')) return 'O'
  if (mention) return 'E'
  return kind === 'invoice' || kind === 'credit_note' ? 'Z' : 'O'
}

/** The code of a reason not to charge VAT (list VATEX of the CEF), where there is one that every validator knows. */
export function exemptionCode(category: VatCategory, mention: string): string | undefined {
  if (category === 'O') return 'VATEX-EU-O'
  if (category === 'AE') return 'VATEX-EU-AE'
  return category === 'E' && /293[\s\u00a0\u202f]*B/i.test(mention) ? 'VATEX-FR-FRANCHISE' : undefined
}
