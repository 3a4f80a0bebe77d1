import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import { isCoinError } from '../../errors.ts'
import {
  Button,
  ButtonLink,
  Card,
  Empty,
  formatDate,
  formatMoney,
  formatNumber,
  Note,
  Page,
  parseDate,
  Stack,
  Stats,
  sitePath,
  Table,
} from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { makeBatch } from './batches.ts'
import { type Collectable, checkDay, collectableOn, type Proposal } from './collectable.ts'
import { showDebits } from './debits-page.tsx'
import { batchPath, debitsPath } from './paths.ts'
import { numbersOf } from './words.tsx'

/** What would be collected on a day; sent, exactly that is a batch. */
export const newBatchView: View = {
  path: '/admin/direct-debits/new',
  access: 'direct_debit.manage',
  async get(c) {
    const { db } = c.var.coin.database
    const day = c.req.query('collectOn') ?? ''
    return orErrors(c, day, async read => {
      await checkDay(db, read)
      return <Preview proposal={await collectableOn(db, read)} />
    })
  },
  async post(c) {
    const { coin, actor } = c.var
    const { collectOn, token } = await c.req.parseBody()
    return orErrors(c, String(collectOn ?? ''), async day => {
      const id = await coin.transaction(actor, tx => makeBatch(tx, day, String(token ?? '')))
      if (id !== undefined)
        return redirectTo(c, batchPath(id), t('The batch is made and its members are told. Give its file to your bank.'))
      c.status(409)
      return <Preview proposal={await collectableOn(coin.database.db, day)} moved />
    })
  },
}

async function orErrors<R>(c: Context, typed: string, work: (day: string) => Promise<R>) {
  const day = parseDate(typed)
  try {
    if (day.ok) return await work(day.value)
  } catch (error) {
    if (!isCoinError(error) || error.code === 'not_found') throw error
    c.status(422)
    return showDebits(c, error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }], typed)
  }
  c.status(422)
  return showDebits(c, [{ field: 'collectOn', message: day.message, values: day.values }], typed)
}

const Preview = ({ proposal: { day, rows, total, token }, moved = false }: { proposal: Proposal; moved?: boolean }) => (
  <Page title={t('Collect on {{date}}', { date: formatDate(day) })} crumbs={[{ label: t('Direct debits'), href: debitsPath() }]}>
    <Stack>
      {moved && (
        <Note tone="drift">
          {t('Something changed since this was shown, so that nothing was made. This is what would be collected now.')}
        </Note>
      )}
      {rows.length === 0 ? (
        <Card title={t('Nothing to collect')} body={false}>
          <Empty
            title={t('Nothing to collect')}
            icon="building-bank"
            actions={<ButtonLink href={debitsPath()}>{t('Choose another day')}</ButtonLink>}
          >
            {t(
              'Nothing is open in euros and due by this day of a member with an active mandate, except what is in dispute or collected already.',
            )}
          </Empty>
        </Card>
      ) : (
        <>
          <Stats
            items={[
              { label: t('Direct debits'), value: formatNumber(rows.length), note: sequencesOf(rows) },
              { label: t('Total'), value: formatMoney(total, 'EUR'), note: t('on {{date}}', { date: formatDate(day) }) },
            ]}
          />
          <section class="card plan" aria-labelledby="collect-title">
            <div class="card-header">
              <h2 id="collect-title">{t('Collect this?')}</h2>
            </div>
            <div class="card-body">
              <p>{t('Each of these members gets a mail now: the amount, the day, the mandate. Then you give the file to your bank.')}</p>
            </div>
            <form class="bulk" method="post" action={`${debitsPath()}/new`}>
              <input type="hidden" name="collectOn" value={day} />
              <input type="hidden" name="token" value={token} />
              <Button kind="primary">{t('Make the batch')}</Button>
              <ButtonLink href={debitsPath()}>{t('Keep as it is')}</ButtonLink>
            </form>
          </section>
          <Card title={t('Who pays what')} body={false}>
            <Table<Collectable>
              caption={t('Members, by name')}
              rows={rows}
              rowHref={({ memberId }) => sitePath(`/admin/members/${memberId}`)}
              columns={[
                { key: 'member', label: t('Member'), render: ({ member }) => member, sub: numbersOf },
                {
                  key: 'mandate',
                  label: t('Mandate'),
                  wide: true,
                  render: ({ reference, mandateId }) => <a href={sitePath(`/admin/mandates/${mandateId}`)}>{reference}</a>,
                },
                { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount }) => formatMoney(amount, 'EUR') },
              ]}
            />
          </Card>
        </>
      )}
    </Stack>
  </Page>
)

function sequencesOf(rows: readonly Collectable[]): string | undefined {
  const first = rows.filter(({ sequence }) => sequence === 'FRST').length
  return first > 0 ? t('{{count}} of them for the first time', { count: first }) : undefined
}
