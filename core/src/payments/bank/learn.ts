import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { labelKey, nameKey } from './keys.ts'
import type { RuleKind } from './tables.ts'

/** What a line can be known again by: the payer's IBAN, else their name, else the words of the label that stay the same. */
export function ruleFor(line: {
  readonly iban: string | null
  readonly name: string | null
  readonly label: string
}): { readonly kind: RuleKind; readonly value: string } | undefined {
  if (line.iban) return { kind: 'iban', value: line.iban }
  const name = line.name ? nameKey(line.name) : ''
  if (name.length >= 3) return { kind: 'name', value: name }
  const label = labelKey(line.label)
  // a single word, such as “virement”, is everybody's
  return label.includes(' ') ? { kind: 'label', value: label } : undefined
}

/** A line of text as a rule for labels has it. */
export const labelRule = (text: string): string => labelKey(text)

/** Remembers what a person confirmed. Without a member, such lines are ignored from then on. */
export async function learn(
  tx: Tx,
  {
    kind,
    value,
    memberId,
    reason = '',
  }: { readonly kind: RuleKind; readonly value: string; readonly memberId: number | null; readonly reason?: string },
): Promise<void> {
  await tx.execute(sql`
    INSERT INTO bank_rule (kind, value, member_id, reason) VALUES (${kind}, ${value}, ${memberId}, ${reason})
    ON CONFLICT (kind, value, member_id) DO UPDATE SET confirmed = bank_rule.confirmed + 1, reason = excluded.reason`)
}
