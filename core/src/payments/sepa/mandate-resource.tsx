import { eq, inArray, sql } from 'drizzle-orm'
import { t } from '../../app/i18n.ts'
import { defineResource, type Input, type Row } from '../../app/resource.ts'
import { currentScope, mayEverywhere } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { memberMatches } from '../../members/queries.ts'
import { membersWithin } from '../../members/within.ts'
import { formatDate, PostButton, State, sitePath } from '../../ui/index.ts'
import { bicOf, ibanOf, maskedIban, spacedIban } from './iban.ts'
import { mandateEndWords } from './mandate-words.ts'
import { mandates } from './tables.ts'

const sequences = [
  { value: 'FRST', label: 'Again and again' },
  { value: 'RCUR', label: 'Again and again, and collected by before' },
  { value: 'OOFF', label: 'Once only' },
]
const masked = sql<string>`left(sepa_mandate.iban, 4) || ' … ' || right(sepa_mandate.iban, 4)`

/** Mandates, for staff and the command. An IBAN is whole for those who collect, and for nobody else. */
export const mandateResource = defineResource({
  name: 'mandate',
  plural: 'mandates',
  label: 'Mandate',
  labelPlural: 'Mandates',
  labelNew: 'Record a mandate',
  icon: 'building-bank',
  offMenu: true,
  empty: 'What members signed so that you may collect from their accounts. What they owe is then collected by direct debit.',
  table: mandates,
  key: ['reference'],
  fields: {
    memberId: { label: 'Member', kind: 'reference', reference: 'member' },
    iban: { label: 'IBAN', help: 'For another account later, end this mandate and record a new one' },
    bic: { label: 'BIC', help: 'Only if your bank asks for it' },
    name: { label: 'Holder of the account', required: false, help: 'The member unless given' },
    signedOn: { label: 'Signed on', kind: 'date' },
    reference: { label: 'Reference', required: false, help: 'Of the signed mandate (UMR); made from its number unless given' },
    sequence: { label: 'Collected', kind: 'choice', choices: sequences },
    state: { label: 'State' },
    endedOn: { label: 'Ended on', kind: 'date' },
    endedWhy: { label: 'Why it ended' },
    lastUsedOn: { label: 'Last collected on', kind: 'date' },
  },
  add: ['memberId', 'iban', 'bic', 'name', 'signedOn', 'reference', 'sequence'],
  change: ['name', 'bic', 'signedOn', 'reference', 'sequence'],
  list: {
    from: sql`sepa_mandate JOIN member ON member.id = sepa_mandate.member_id`,
    countFrom: sql`sepa_mandate JOIN member ON member.id = sepa_mandate.member_id`,
    columns: [
      { key: 'member', label: 'Member', sql: sql`member.display_name` },
      { key: 'reference', label: 'Reference', sql: sql`sepa_mandate.reference` },
      { key: 'iban', label: 'IBAN', sql: masked, wide: true, sortable: false },
      { key: 'state', label: 'State', sql: sql`sepa_mandate.state`, render: value => <MandateState state={String(value)} /> },
      {
        key: 'signedOn',
        label: 'Signed on',
        sql: sql`sepa_mandate.signed_on`,
        align: 'end',
        wide: true,
        render: value => formatDate(String(value), 'table'),
      },
    ],
    search: term => sql`(${memberMatches(term)} OR upper(sepa_mandate.reference) LIKE '%' || upper(${term}) || '%')`,
    searchHint: 'Member or reference',
    views: [
      { name: 'active', label: 'Active', where: sql`sepa_mandate.state = 'active'` },
      { name: 'ended', label: 'Ended', where: sql`sepa_mandate.state = 'revoked'` },
    ],
    sort: 'member',
  },
  within: part => sql`sepa_mandate.member_id IN ${membersWithin(part)}`,
  describe: row => String(row.reference),
  head: row => (
    <>
      <MandateState state={String(row.state)} />
      {row.endedOn ? (
        <span class="quiet">
          {formatDate(String(row.endedOn))}. {String(row.endedWhy)}
        </span>
      ) : (
        row.lastUsedOn && <span class="quiet">{t('Last collected on {{date}}', { date: formatDate(String(row.lastUsedOn)) })}</span>
      )}
    </>
  ),
  actions: row =>
    row.state === 'active' && mayEverywhere(currentScope().actor, 'mandate.change') ? (
      <PostButton action={sitePath(`/admin/mandates/${row.id}/end`)}>{t('End it')}</PostButton>
    ) : undefined,
  load: async (id, tx) => (await loadMandates([id], tx))[0],
  loadMany: loadMandates,
  async create(input, tx) {
    const given = settled(input)
    const pattern = currentScope().registry.config.payments.directDebit.mandateReference
    const { rows } = await tx.execute<{ id: number }>(sql`
      INSERT INTO sepa_mandate (id, member_id, reference, iban, bic, name, signed_on, sequence)
      SELECT n, ${given.memberId}, coalesce(nullif(${given.reference ?? ''}, ''), replace(${pattern}, '{{number}}', lpad(n::text, greatest(6, length(n::text)), '0'))), ${given.iban},
        ${given.bic ?? ''}, coalesce(nullif(${given.name ?? ''}, ''), (SELECT display_name FROM member WHERE id = ${given.memberId}), ''), ${given.signedOn}::date, ${given.sequence ?? 'FRST'}
      FROM nextval(pg_get_serial_sequence('sepa_mandate', 'id')) n RETURNING id`)
    return (rows[0] as { id: number }).id
  },
  async update(id, input, tx) {
    const { endedWhy: _, ...given } = settled(input)
    await tx.update(mandates).set(given).where(eq(mandates.id, id))
  },
  find: async (text, tx) => {
    const [row] = await tx.select({ id: mandates.id }).from(mandates).where(sql`upper(reference) = upper(${text})`)
    return row?.id
  },
  fixed: row => row.state !== 'active',
  consequences: async () => [t('Nothing more is collected by it. A mandate that something was collected by stays: end it instead.')],
})

async function loadMandates(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  const rows = await tx
    .select()
    .from(mandates)
    .where(inArray(mandates.id, [...ids]))
  return rows.map(row => ({ ...row, iban: ibanFor(row.iban), endedWhy: mandateEndWords(row.state, row.endedWhy) }))
}

const MandateState = ({ state }: { state: string }) => <State name={state === 'active' ? 'active' : 'ended'} />

const ibanFor = (iban: string) => (mayEverywhere(currentScope().actor, 'direct_debit.manage') ? spacedIban(iban) : maskedIban(iban))

type Given = Partial<typeof mandates.$inferInsert>

function settled(input: Input): Given {
  const given: Given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))
  return {
    ...given,
    ...(given.iban !== undefined && { iban: ibanOf(given.iban) }),
    ...(given.bic !== undefined && { bic: bicOf(given.bic) }),
    ...(given.reference !== undefined && { reference: given.reference.trim() }),
    ...(given.name !== undefined && { name: given.name.trim() }),
  }
}
