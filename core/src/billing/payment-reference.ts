/**
 * What a member writes on the transfer that pays an invoice: the references of the subscriptions on it, which never change, and its number, so
 * that it is covered first. With many subscriptions the number alone, because a bank takes 140 characters at most.
 */
export const paymentReference = (references: readonly string[], number: string): string =>
  [...(references.length <= 2 ? references : []), number].filter(Boolean).join(' ')
