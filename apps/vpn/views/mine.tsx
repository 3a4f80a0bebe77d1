import { Card, type Context, currentScope, Empty, Page, State, t, url } from 'coin'
import { sql } from 'drizzle-orm'

interface OwnAccount extends Record<string, unknown> {
  readonly id: number
  readonly login: string
  readonly activated: boolean
  readonly reference: string
}

/** The VPN of the member who asks: its page when there is one, a list when there are several. */
export async function mine(c: Context) {
  const { db, actor } = currentScope()
  const { rows } = await db.execute<OwnAccount>(sql`
    SELECT v.id, v.login, v.activated, s.reference FROM vpn v JOIN configuration c ON c.id = v.id JOIN subscription s ON s.id = c.subscription_id
    WHERE s.member_id = ${actor.memberId ?? null} ORDER BY coalesce(s.resigned_on < current_date, false), v.id`)
  const [first, second] = rows
  if (first && !second) return c.redirect(url('vpn:details', { id: first.id }), 302)
  return <MinePage accounts={rows} />
}

const MinePage = ({ accounts }: { accounts: readonly OwnAccount[] }) => (
  <Page title={t('VPN')}>
    <Card title={t('My VPN')} body={false}>
      {accounts.length === 0 ? (
        <Empty title={t('No VPN yet')} icon="shield-lock">
          {t('When you subscribe to a VPN, you connect to it from here.')}
        </Empty>
      ) : (
        <ul class="todo brief">
          {accounts.map(({ id, login, activated, reference }) => (
            <li>
              <div>
                <b>
                  <a href={url('vpn:details', { id })}>{login}</a>
                </b>
                <span class="quiet d-block small">{reference}</span>
              </div>
              {!activated && <State name="stopped">{t('Switched off')}</State>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  </Page>
)
