import { sql } from 'drizzle-orm'
import type { Filter, ListColumn } from '../app/resource.ts'
import { Owed } from '../ui/index.ts'

interface Balance {
  readonly currency: string
  readonly owed: string
}

/** What a member owes in each currency, for a list: what is settled is not said. */
export const owesColumn: ListColumn = {
  key: 'owes',
  label: 'Owes',
  sql: sql`(SELECT jsonb_agg(jsonb_build_object('currency', b.currency, 'owed', b.owed::text) ORDER BY b.currency)
    FROM member_balance b WHERE b.member_id = row.id AND b.owed <> 0)`,
  late: true,
  wide: true,
  align: 'end',
  render: value => <Owes balances={(value as readonly Balance[] | null) ?? []} />,
}

/** Who owes something: the bills that are open say who may, the balance says who does. */
export const owesFilter: Filter = {
  kind: 'boolean',
  label: 'Owes something',
  where: sql`member.id IN (SELECT i.member_id FROM invoice i WHERE i.state = 'issued' AND i.allocated <> i.total AND i.total > 0)
    AND EXISTS (SELECT FROM member_balance b WHERE b.member_id = member.id AND b.owed > 0)`,
}

const Owes = ({ balances }: { balances: readonly Balance[] }) =>
  balances.length === 0 ? (
    <Owed amount="0" />
  ) : (
    <div>
      {balances.map(({ currency, owed }) => (
        <div class="money">
          <Owed amount={owed} currency={currency} />
        </div>
      ))}
    </div>
  )
