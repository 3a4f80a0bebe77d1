import { sql } from 'drizzle-orm'
import { dayOf, type PersonalData, rowsNaming, rowsOfConfigurations } from '../app/personal-data.ts'
import { currentScope } from '../app/scope.ts'

/** Addresses now and before: which one was whose when is told to a judge who asks, and forgotten by the clean-up
 * that comes after. */
export const addresses: PersonalData = {
  name: 'addresses',
  label: 'Your addresses, now and before',
  purpose: 'To know whose an address was, when a judge asks.',
  basis: 'law',
  term: ({ provider }) => ({
    months: provider.addressHistoryMonths,
    from: 'the day on which you gave the address back',
    law: 'Code des postes et des communications électroniques, art. L34-1',
  }),
  rows: { ip_subnet: rowsOfConfigurations('ip_subnet'), ip_assignment: rowsNaming('ip_assignment') },
  keptUntil: (tx, { id }) =>
    dayOf(
      tx,
      sql`SELECT greatest(max(coalesce(upper(during), now()) + make_interval(months => ${currentScope().registry.config.provider.addressHistoryMonths}::int))::date, coin.today())
        FROM ip_assignment WHERE member_id = ${id} HAVING count(*) > 0`,
    ),
}
