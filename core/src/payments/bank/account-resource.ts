import { sql } from 'drizzle-orm'
import { electronicFormatIBAN, isValidIBAN } from 'ibantools'
import { t } from '../../app/i18n.ts'
import { defineResource, type Input } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { invalid } from '../../errors.ts'
import { bankAccounts } from './tables.ts'

const form = ['name', 'iban', 'knownAs', 'ignoresOut']

/** The provider's accounts, whose statements are imported. */
export const accountResource = defineResource({
  name: 'bank_account',
  plural: 'bank-accounts',
  label: 'Bank account',
  labelPlural: 'Bank accounts',
  labelNew: 'Add a bank account',
  icon: 'building-bank',
  offMenu: true,
  empty: 'The accounts that members pay to. Their statements are imported to know who paid what.',
  table: bankAccounts,
  key: ['name'],
  fields: {
    name: { label: 'Name', help: 'Such as the bank’s' },
    iban: { label: 'IBAN', help: 'Files of another account are refused then' },
    knownAs: { label: 'As the bank’s files call it', help: 'Learned from the first file, when that is not its IBAN' },
    ignoresOut: { label: 'Leave money that goes out aside', help: 'Otherwise each such line waits for a person', kind: 'boolean' },
    currency: { label: 'Currency', help: 'The provider’s unless given' },
  },
  add: [...form, 'currency'],
  change: form,
  list: {
    from: sql`bank_account`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`bank_account.name` },
      { key: 'iban', label: 'IBAN', sql: sql`bank_account.iban`, wide: true },
      {
        key: 'until',
        label: 'Imported until',
        sql: sql`(SELECT max(i.until_on) FROM bank_import i WHERE i.account_id = bank_account.id AND i.state = 'applied')`,
        align: 'end',
        render: value => (value ? String(value) : '–'),
      },
    ],
    sort: 'name',
  },
  describe: row => String(row.name),
  create: async (input, tx) => {
    const { name, iban, knownAs, ignoresOut, currency } = settled(input)
    const { rows } = await tx.execute<{ id: number }>(sql`
      INSERT INTO bank_account (name, iban, known_as, ignores_out, currency)
      VALUES (${name}, ${iban ?? ''}, ${knownAs ?? ''}, ${ignoresOut ?? false}, ${currency || currentScope().registry.config.provider.currency}) RETURNING id`)
    return (rows[0] as { id: number }).id
  },
  async update(id, input, tx: Tx) {
    await tx.update(bankAccounts).set(settled(input)).where(sql`id = ${id}`)
  },
  consequences: async () => [t('Its statements can be imported no more. An account with statements stays.')],
})

/** An IBAN is kept in capitals without spaces, and only when its check digits are right. */
function settled(input: Input): Partial<typeof bankAccounts.$inferInsert> {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))
  if (typeof given.iban !== 'string' || given.iban.trim() === '') return given
  const iban = electronicFormatIBAN(given.iban)
  if (!iban || !isValidIBAN(iban)) throw invalid('iban', 'This is no IBAN: a character is wrong or missing.')
  return { ...given, iban }
}
