import { sql } from 'drizzle-orm'
import { t } from '../../app/i18n.ts'
import { currentScope } from '../../app/scope.ts'
import type { View } from '../../app/view.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { Card, Empty, Facts, formatDate, formatMoney, Page, Stack, sitePath, Table } from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { ownMandate } from '../pay-queries.ts'
import { idIn } from './batch-page.tsx'
import { maskedIban } from './iban.ts'
import type { CollectionState as State } from './tables.ts'
import { CollectionState } from './words.tsx'

/** Ends a mandate: nothing more is collected by it from now on. What the bank has already stays with it. */
export const endMandateView: View = {
  path: '/admin/mandates/:id{[0-9]+}/end',
  access: 'mandate.change',
  async post(c) {
    const id = idIn(c)
    await c.var.coin.transaction(c.var.actor, tx => endMandate(tx, id))
    return redirectTo(c, sitePath(`/admin/mandates/${id}`), t('The mandate has ended. What a bank has already may still be collected.'))
  },
}

/** Ends an active mandate; what the bank does not have yet is not collected by it. Throws when it has ended. */
async function endMandate(tx: Tx, id: number): Promise<void> {
  const { rowCount } = await tx.execute(
    sql`UPDATE sepa_mandate SET state = 'revoked', ended_on = greatest(coin.today(), signed_on) WHERE id = ${id} AND state = 'active'`,
  )
  if (!rowCount) throw new CoinError('refused', 'This mandate has ended already, or is not there.')
}

interface OwnDebit extends Record<string, unknown> {
  readonly id: number
  readonly on: string
  readonly amount: string
  readonly state: State
  readonly numbers: string
}

/** A member's own mandate, and what was collected by direct debit. */
export const ownMandateView: View = {
  path: '/money/direct-debit',
  access: 'member',
  async get() {
    const { db, actor } = currentScope()
    const memberId = actor.memberId ?? 0
    const mandate = await ownMandate(db, memberId)
    const { rows } = await db.execute<OwnDebit>(sql`
      SELECT c.id, b.collect_on AS on, c.amount::text, c.state,
        (SELECT string_agg(v.number, ', ' ORDER BY v.id) FROM sepa_collection_invoice i JOIN invoice v ON v.id = i.invoice_id WHERE i.collection_id = c.id) AS numbers
      FROM sepa_collection c JOIN sepa_batch b ON b.id = c.batch_id WHERE c.member_id = ${memberId} AND c.state <> 'cancelled' ORDER BY b.collect_on DESC, c.id DESC LIMIT 50`)
    const { identity } = currentScope().registry.config.provider
    return (
      <Page title={t('Direct debit')} crumbs={[{ label: t('What I owe'), href: sitePath('/money') }]}>
        <Stack>
          {mandate ? (
            <Card title={t('My mandate')}>
              <Facts
                items={[
                  { label: t('Account'), value: <span class="addr">{maskedIban(mandate.iban)}</span> },
                  { label: t('Holder of the account'), value: mandate.name },
                  { label: t('Reference'), value: mandate.reference },
                  { label: t('Signed on'), value: formatDate(mandate.signedOn) },
                  { label: t('Creditor identifier'), value: identity.creditorId },
                ]}
              />
              <p class="hint">
                {t(
                  'To end it, or to pay from another account, write to us. Your bank gives a direct debit back within eight weeks if you ask for it.',
                )}
              </p>
            </Card>
          ) : (
            <Card title={t('My mandate')} body={false}>
              <Empty title={t('No mandate')} icon="building-bank">
                {t('With a mandate we collect what you owe from your account, and tell you before. Ask us for the form.')}
              </Empty>
            </Card>
          )}
          {rows.length > 0 && (
            <Card title={t('Direct debits')} body={false}>
              <Table<OwnDebit>
                caption={t('Direct debits, the newest first')}
                rows={rows}
                columns={[
                  { key: 'day', label: t('Day'), render: ({ on }) => formatDate(on), sub: ({ numbers }) => numbers },
                  { key: 'state', label: t('State'), render: row => <CollectionState row={row} /> },
                  { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount }) => formatMoney(amount, 'EUR') },
                ]}
              />
            </Card>
          )}
        </Stack>
      </Page>
    )
  },
}
