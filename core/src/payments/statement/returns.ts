const words =
  /\b(impay[ée]s?|rejet(?:s|[ée]e?s?)?|retour (?:de )?(?:prlv|pr[ée]l[èe]vement|vir|virement|sdd|sepa)|(?:prlv|pr[ée]l[èe]vement|vir|virement|sdd|sepa) retourn[ée]|r(?:ü|ue?)cklastschrift|retoure|returned (?:direct debit|payment|transfer)|unpaid direct debit)(?![\p{L}])/iu
const reasons =
  /(?<![A-Z0-9])(AC0[1-6]|AC1[34]|AG0[127]|AM0[1-9]|BE0[1-7]|CNOR|DNOR|ED05|FF0[1-57]|FOCR|MD0[1-7]|MS0[23]|NOAS|NOOR|PY01|RC01|RR0[1-4]|SL01|TM01)(?![A-Z0-9])/

/** Whether a label, in a format without a field for it, tells of a payment that came back. A guess by the banks' words. */
export const tellsOfReturn = (label: string): boolean => words.test(label)

/** The ISO reason code that the label of a return holds. */
export const returnReasonIn = (label: string): string | undefined => reasons.exec(label)?.[0]
