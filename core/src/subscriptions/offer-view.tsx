import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { requireVisible, visibleTo } from '../admin/find.ts'
import { carryOut, readStep, type Shown, sentFields } from '../admin/plan.ts'
import { PlanPage } from '../admin/plan-page.tsx'
import { requireWithin } from '../admin/write.ts'
import { t } from '../app/i18n.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, invalid, isCoinError } from '../errors.ts'
import { errorOf, Field, Form, formatDate, formatMoney, Page, parseDate, sitePath } from '../ui/index.ts'
import { setFlash } from '../web/flash.ts'
import { offerResource } from './offer-resource.tsx'
import { changeOffer } from './rules.ts'
import { subscriptionResource } from './subscription-resource.tsx'

interface Offered extends Record<string, unknown> {
  readonly reference: string
  readonly member: string
  readonly today: string
  readonly offers: readonly { id: number; name: string; months: number; fee: string | null; currency: string; now: boolean }[] | null
}

interface Typed {
  readonly offerId?: string
  readonly from?: string
}

async function read(c: Context): Promise<{ id: number; offered: Offered }> {
  const id = Number(c.req.param('id'))
  await requireVisible(subscriptionResource, id, c.var.coin.database.db, 'change')
  const { rows } = await c.var.coin.database.db.execute<Offered>(sql`
    SELECT s.reference, m.display_name AS member, current_date AS today, (
      SELECT jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'months', o.period_months, 'currency', o.currency,
        'fee', (SELECT p.period_fee::text FROM offer_price p WHERE p.offer_id = o.id AND p.effective_from <= current_date ORDER BY p.effective_from DESC LIMIT 1),
        'now', EXISTS (SELECT FROM subscription_offer d WHERE d.subscription_id = s.id AND d.offer_id = o.id AND d.during @> current_date)) ORDER BY o.name)
      FROM offer o WHERE o.configuration_type = s.configuration_type AND o.sold
        AND o.id IN (SELECT offer.id FROM offer WHERE ${visibleTo(offerResource, c.var.actor)})) AS offers
    FROM subscription s JOIN member m ON m.id = s.member_id WHERE s.id = ${id}`)
  const offered = rows[0]
  if (!offered) throw new CoinError('not_found', 'This subscription does not exist.')
  return { id, offered }
}

function Body({ id, offered, typed = {}, errors = [] }: { id: number; offered: Offered; typed?: Typed; errors?: readonly FieldError[] }) {
  const here = sitePath(`/admin/subscriptions/${id}`)
  const title = t('Change the offer')
  return (
    <Page
      title={title}
      errors={errors}
      crumbs={[
        { label: t('Subscriptions'), href: sitePath('/admin/subscriptions') },
        { label: offered.reference, href: here },
      ]}
    >
      <Form action={`${here}/offer`} submit={t('Change the offer')} review cancel={here}>
        <Field
          name="offerId"
          label={t('Offer')}
          kind="choice"
          value={typed.offerId ?? ''}
          error={errorOf(errors, 'offerId')}
          hint={t('Only offers of the same type, so that the configuration stays. The addresses stay too.')}
          options={(offered.offers ?? []).map(offer => ({
            value: String(offer.id),
            label: offer.now ? `${offer.name} (${t('today')})` : offer.name,
            hint: offer.fee
              ? t('{{price}} for {{count}} months', { price: formatMoney(offer.fee, offer.currency), count: offer.months })
              : t('No price yet'),
          }))}
        />
        <Field
          name="from"
          label={t('From')}
          kind="date"
          value={typed.from ?? offered.today}
          error={errorOf(errors, 'from')}
          hint={t('Offers planned after this day are dropped.')}
        />
      </Form>
    </Page>
  )
}

interface PlannedProps {
  readonly id: number
  readonly offered: Offered
  readonly typed: Typed
  readonly from: string
  readonly shown: Shown
  readonly sent: Readonly<Record<string, string>>
}

function Planned({ id, offered, typed, from, shown, sent }: PlannedProps) {
  const here = sitePath(`/admin/subscriptions/${id}`)
  const offer = offered.offers?.find(one => String(one.id) === typed.offerId)?.name ?? ''
  return (
    <PlanPage
      title={t('{{member}} changes to {{offer}} on {{date}}', { member: offered.member, offer, date: formatDate(from) })}
      crumbs={[
        { label: t('Subscriptions'), href: sitePath('/admin/subscriptions') },
        { label: offered.reference, href: here },
      ]}
      plan={shown.plan}
      moved={shown.moved}
      action={`${here}/offer`}
      sent={sent}
      submit={t('Change the offer')}
      cancel={here}
      editable
    />
  )
}

/** Staff give a subscription another offer from a day on. */
export const offerView: View = {
  path: '/admin/subscriptions/:id{[0-9]+}/offer',
  access: 'subscription.change',
  narrows: true,
  async get(c) {
    return <Body {...(await read(c))} />
  },
  async post(c) {
    const { id, offered } = await read(c)
    const form = await c.req.parseBody()
    const typed: Typed = { offerId: String(form.offerId ?? ''), from: String(form.from ?? '') }
    const step = await readStep(c)
    if (step.kind === 'edit') return <Body id={id} offered={offered} typed={typed} />
    try {
      const from = parseDate(typed.from ?? '')
      if (!from.ok) throw invalid('from', from.message, from.values)
      if (!/^\d{1,15}$/.test(typed.offerId ?? '')) throw invalid('offerId', 'Choose an offer.')
      const { coin, actor } = c.var
      const result = await carryOut(coin, step, { offer: id, ...typed }, writer =>
        writer.transaction(actor, async tx => {
          await changeOffer(tx, id, Number(typed.offerId), from.value)
          await requireWithin(subscriptionResource, 'change', id, tx, actor)
        }),
      )
      if ('error' in result) throw result.error
      if ('plan' in result) {
        c.status(result.moved ? 409 : 200)
        return <Planned id={id} offered={offered} typed={typed} from={from.value} shown={result} sent={await sentFields(c)} />
      }
      setFlash(c, { kind: 'ok', message: t('The offer changes on {{date}}.', { date: formatDate(from.value) }) })
      return c.redirect(sitePath(`/admin/subscriptions/${id}`))
    } catch (error) {
      if (!isCoinError(error) || error.fields.length === 0) throw error
      c.status(422)
      return <Body id={id} offered={offered} typed={typed} errors={error.fields} />
    }
  },
}
