import type { CsvField } from './csv-mapping.ts'

/** How banks call their columns, without accents and in small letters; of several that match, the first pattern's column is taken. */
export const headerPatterns: readonly (readonly [CsvField, readonly RegExp[]])[] = [
  [
    'bookedOn',
    [
      /^date de comptabilisation$/,
      /^date (comptable|d['’ ]?operation|operation)$/,
      /^(buchungstag|buchungsdatum|buchung)$/,
      /^(booking date|completed date|settlement date \(local\)|dateop)$/,
      /^(date|datum|fecha|data|transaction date)$/,
      /^(operation date|settlement date|date)\b/,
    ],
  ],
  ['valueOn', [/^(date (de )?valeur|valeur|dateval|value date|valuta|valutadatum|wertstellung|wert)$/]],
  ['debit', [/^debit\b/, /^(montant )?debit(eur)?\b/]],
  ['credit', [/^credit\b/, /^(montant )?credit(eur)?\b/]],
  [
    'amount',
    [
      /^(montant|amount|betrag|umsatz|importe|importo)$/,
      /^(montant|amount|betrag|total amount)\b(?!.*(franc|frf|devise|original|local|excl))/,
      /^total amount\b/,
    ],
  ],
  ['direction', [/^(sens|direction|soll\/haben|s\/h|debit\/credit|af bij)$/]],
  ['fee', [/^(fee|frais)$/]],
  ['currency', [/^(devise|currency|waehrung|wahrung|moneda)$/]],
  [
    'counterpartyName',
    [
      /^(beguenstigter\/zahlungspflichtiger|name zahlungsbeteiligter|partner name|counterparty name|payee|contrepartie|nom( du tiers)?|tiers)$/,
    ],
  ],
  [
    'counterpartyIban',
    [
      /^(kontonummer\/iban|iban zahlungsbeteiligter|partner iban|counterparty iban|counterparty account number|iban( contrepartie| du tiers)?|account number)$/,
    ],
  ],
  ['endToEndId', [/^(kundenreferenz \(end-to-end\)|end.?to.?end( id)?|reference de bout en bout)$/]],
  ['mandateId', [/^(mandatsreferenz|mandate( id| reference)?|rum|reference (du |de )?mandat)$/]],
  ['bankReference', [/^(transaction id|reference( operation| de l'operation)?)$/]],
  ['account', [/^(auftragskonto|iban auftragskonto|accountnum|compte|numero de compte)$/]],
  ['state', [/^(state|status|statut|info)$/]],
]

/** Columns whose texts tell what a booking is for, most banks have one or two. */
export const labelPattern =
  /^(label|libelle|libelle (operation|court|complet)|informations complementaires|detail( de l'ecriture)?|description|verwendungszweck|buchungstext|payment reference|communication|note|nature( de l'operation)?|intitule|counterparty name|reference$|comment|memo|objet|motif)$/

/** Words by which a column `state` says that a booking is final. */
export const bookedPattern = /^(completed|executed|settled|booked|execute|effectue|umsatz gebucht|gebucht|comptabilise)e?$/
