import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { eraseBy, type PersonalData, rowsNaming } from '../app/personal-data.ts'
import { currentScope, withinScope } from '../app/scope.ts'

/** Who a member is. The row stays, for what was billed to it; nothing in it says who that was. */
export const identity: PersonalData = {
  name: 'identity',
  label: 'Who you are and how to reach you',
  purpose: 'To serve you, to write to you and to know our members.',
  basis: 'contract',
  term: 'membership',
  rows: { member: rowsNaming('member', 'id') },
  erase: (tx, { id }) =>
    eraseBy(
      tx,
      sql`UPDATE member SET kind = 'natural', first_name = '', last_name = ${nameAfter(id)}, organization_name = '', nickname = '',
        username = ${`former${id}`}, email = ${`former${id}@erased.invalid`}, home_phone = '', mobile_phone = '', address = '', postal_code = '', city = '',
        language = '', fee_reminders = false, openpgp_key = '', ssh_keys = '', comments = '', status = 'not_member',
        resigned_on = coalesce(least(resigned_on, coin.today()), greatest(joined_on, coin.today()))
        WHERE id = ${id} AND email <> ${`former${id}@erased.invalid`}`,
    ),
}

/** In the provider's language, whoever erases. */
const nameAfter = (id: number): string =>
  withinScope({ locale: currentScope().registry.config.provider.language }, () => t('Former member {{id}}', { id }))
