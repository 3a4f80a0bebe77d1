import { sql } from 'drizzle-orm'
import { t } from '../../app/i18n.ts'
import { type Choice, defineResource, type Input } from '../../app/resource.ts'
import type { Tx } from '../../db/database.ts'
import { labelKey, nameKey } from './keys.ts'
import { bankRules, type RuleKind } from './tables.ts'

const kinds: readonly Choice[] = [
  { value: 'iban', label: 'IBAN' },
  { value: 'name', label: 'Name of the payer' },
  { value: 'label', label: 'Words of the label' },
]

/** What imports have learned from staff. */
export const ruleResource = defineResource({
  name: 'bank_rule',
  plural: 'bank-rules',
  label: 'Bank rule',
  labelPlural: 'Bank rules',
  labelNew: 'Add a rule',
  icon: 'list-check',
  offMenu: true,
  empty: 'When somebody settles a bank line by hand, the payer is remembered here, and the next line is matched by itself.',
  table: bankRules,
  fields: {
    kind: { label: 'Known by', kind: 'choice', choices: kinds },
    value: { label: 'Value', help: 'The IBAN, the name, or words that follow one another in the label' },
    memberId: { label: 'Member', kind: 'reference', reference: 'member', required: false, help: 'Empty: such lines are left aside' },
    reason: { label: 'Why', help: 'Of lines that are left aside' },
    confirmed: { label: 'Confirmed', help: 'How many times somebody said so' },
    used: { label: 'Used', help: 'How many lines followed' },
  },
  add: ['kind', 'value', 'memberId', 'reason'],
  change: ['memberId', 'reason'],
  list: {
    from: sql`bank_rule LEFT JOIN member ON member.id = bank_rule.member_id`,
    countFrom: sql`bank_rule`,
    columns: [
      { key: 'value', label: 'Value', sql: sql`bank_rule.value` },
      { key: 'member', label: 'Member', sql: sql`member.display_name`, render: value => (value ? String(value) : t('left aside')) },
      { key: 'used', label: 'Used', sql: sql`bank_rule.used`, align: 'end' },
    ],
    hidden: {
      kind: sql`bank_rule.kind`,
      several: sql`(SELECT count(*) > 1 FROM bank_rule o WHERE o.kind = bank_rule.kind AND o.value = bank_rule.value AND o.member_id IS NOT NULL)`,
    },
    sub: row =>
      [t(kinds.find(({ value }) => value === row.kind)?.label ?? ''), row.several ? t('for several members: not used by itself') : '']
        .filter(Boolean)
        .join(' · '),
    search: term =>
      sql`(coin.fold(bank_rule.value) LIKE '%' || coin.fold(${term}) || '%' OR coin.fold(member.display_name) LIKE '%' || coin.fold(${term}) || '%')`,
    searchHint: 'IBAN, words or member',
    views: [{ name: 'aside', label: 'Left aside', where: sql`bank_rule.member_id IS NULL` }],
    sort: 'value',
  },
  describe: row => String(row.value),
  create: async (input: Input, tx: Tx) => {
    const kind = (input.kind ?? 'iban') as RuleKind
    const { rows } = await tx.execute<{ id: number }>(sql`
      INSERT INTO bank_rule (kind, value, member_id, reason)
      VALUES (${kind}, ${keptValue(kind, String(input.value ?? ''))}, ${(input.memberId as number | null | undefined) ?? null}, ${String(input.reason ?? '')}) RETURNING id`)
    return (rows[0] as { id: number }).id
  },
  consequences: async () => [t('Lines that it matched stay. The next ones are matched without it.')],
})

/** A value as lines are compared with it. */
const keptValue = (kind: RuleKind, text: string): string =>
  kind === 'iban' ? text.replace(/\s/g, '').toUpperCase() : kind === 'name' ? nameKey(text) : labelKey(text)
