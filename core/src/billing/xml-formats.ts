import type { BillingConfig } from '../app/billing-config.ts'

export type XmlFormat = 'cii' | 'ubl'

/** The forms in which this deployment gives the data of an invoice beside its PDF. */
export const xmlFormats = ({ format, attach }: BillingConfig['document']): readonly XmlFormat[] =>
  (['cii', 'ubl'] as const).filter(known => attach.includes(known) || (known === 'cii' && format === 'factur-x'))
