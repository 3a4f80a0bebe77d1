import { sql } from 'drizzle-orm'
import { mayWith } from '../../admin/find.ts'
import { t } from '../../app/i18n.ts'
import { currentScope, may, mayEverywhere } from '../../app/scope.ts'
import type { SlotRenderers } from '../../app/slots.ts'
import { ButtonLink, Card, Facts, formatDate, formatMoney, State, sitePath, Todo } from '../../ui/index.ts'
import { ownMandate } from '../pay-queries.ts'
import { debitsToLookAt } from './batch-queries.ts'
import { maskedIban } from './iban.ts'
import { debitsPath } from './paths.ts'

/** What direct debits add to other pages. */
export const sepaSlots = {
  'home.staff': StaffHome,
  'home.member': MemberHome,
  'member.details': MemberMandate,
} satisfies SlotRenderers

async function StaffHome() {
  const { actor, db } = currentScope()
  if (!mayEverywhere(actor, 'direct_debit.manage')) return undefined
  const { rows } = await db.execute<{ returns: number; late: number }>(debitsToLookAt)
  const { returns, late } = rows[0] ?? { returns: 0, late: 0 }
  if (returns + late === 0) return undefined
  const action = (
    <ButtonLink small href={debitsPath()}>
      {t('Look at them')}
    </ButtonLink>
  )
  return (
    <Card title={t('Direct debits')} body={false}>
      <Todo
        items={[
          ...(returns > 0
            ? [{ tone: 'fail' as const, text: <b>{t('{{count}} direct debits came back.', { count: returns })}</b>, action }]
            : []),
          ...(late > 0
            ? [{ tone: 'drift' as const, text: <b>{t('{{count}} batches have to go to the bank now.', { count: late })}</b>, action }]
            : []),
        ]}
      />
    </Card>
  )
}

/** What will be collected soon. */
async function MemberHome({ memberId }: { memberId: number }) {
  const { rows } = await currentScope().db.execute<{ on: string; amount: string }>(sql`
    SELECT b.collect_on AS on, c.amount::text FROM sepa_collection c JOIN sepa_batch b ON b.id = c.batch_id
    WHERE c.member_id = ${memberId} AND c.state = 'pending' ORDER BY b.collect_on, c.id`)
  if (rows.length === 0) return undefined
  return (
    <Card title={t('Direct debit')}>
      {rows.map(({ on, amount }) => (
        <p>
          {t('On {{date}} we collect {{amount}}. You have nothing to do.', { date: formatDate(on), amount: formatMoney(amount, 'EUR') })}
        </p>
      ))}
      <p class="actions mt-3">
        <ButtonLink small href={sitePath('/money/direct-debit')}>
          {t('My mandate')}
        </ButtonLink>
      </p>
    </Card>
  )
}

async function MemberMandate({ memberId }: { memberId: number }) {
  const { actor, db } = currentScope()
  if (!(await mayWith('mandate.view', 'member', memberId))) return undefined
  const mandate = await ownMandate(db, memberId)
  const add = may(actor, 'mandate.add')
  if (!mandate && !add) return undefined
  return (
    <Card title={t('Direct debit')} actions={mandate && <State name="active" />}>
      {mandate ? (
        <Facts
          items={[
            { label: t('Mandate'), value: <a href={sitePath(`/admin/mandates/${mandate.id}`)}>{mandate.reference}</a> },
            { label: t('Account'), value: <span class="addr">{maskedIban(mandate.iban)}</span> },
            mandate.lastUsedOn !== null && { label: t('Last collected on'), value: formatDate(mandate.lastUsedOn) },
          ]}
        />
      ) : (
        <>
          <p class="quiet">{t('This member pays otherwise.')}</p>
          <p class="actions mt-3">
            <ButtonLink small href={sitePath(`/admin/mandates/new?memberId=${memberId}`)}>
              {t('Record a mandate')}
            </ButtonLink>
          </p>
        </>
      )}
    </Card>
  )
}
