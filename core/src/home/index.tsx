import * as z from 'zod'
import { defineApp } from '../app/app.ts'
import type { Context } from '../app/html.ts'
import { defineJob } from '../app/job.ts'
import { currentScope, isStaff } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { liveStream } from '../web/live.ts'
import { chooseTheme } from '../web/theme.ts'
import { keepMonths } from './dashboard-months.ts'
import { change, me, ownMember } from './me.tsx'
import { MemberHome, NobodysHome } from './member-home.tsx'
import { formerSubnets, ownSubscription, ownSubscriptions } from './own.ts'
import { SubscriptionTimeline } from './subscription-timeline.tsx'
import { AddressesPage, SubscriptionPage, SubscriptionsPage } from './subscriptions.tsx'
import { today } from './today.tsx'

/** What the member who asks has; the routes let nobody else come here. */
const own = (c: Context) => ownSubscriptions(c.var.coin.database.db, currentScope().actor.memberId ?? 0)

const home: View = {
  path: '/',
  access: 'signed_in',
  async get(c) {
    const { actor } = currentScope()
    if (actor.memberId !== undefined) return <MemberHome member={await ownMember(c)} subscriptions={await own(c)} />
    return isStaff(actor) ? c.redirect(sitePath('/admin'), 302) : <NobodysHome />
  },
}

const subscriptions: View = { path: '/subscriptions', access: 'member', get: async c => <SubscriptionsPage subscriptions={await own(c)} /> }

const subscription: View = {
  path: '/subscriptions/:id{[0-9]+}',
  access: 'member',
  async get(c) {
    const id = Number(c.req.param('id'))
    const { memberId = 0 } = currentScope().actor
    const of = Number.isSafeInteger(id) ? await ownSubscription(c.var.coin.database.db, memberId, id) : undefined
    if (!of) throw new CoinError('not_found', 'No page has this address, or it is not yours to see.')
    return <SubscriptionPage of={of} former={await formerSubnets(c.var.coin.database.db, memberId, id)} />
  },
}

const addresses: View = {
  path: '/addresses',
  access: 'member',
  get: async c => (
    <AddressesPage subscriptions={await own(c)} former={await formerSubnets(c.var.coin.database.db, currentScope().actor.memberId ?? 0)} />
  ),
}

const theme: View = { path: '/theme/:theme', access: 'public', get: chooseTheme, post: chooseTheme }
const live: View = { path: '/live', access: 'staff', get: liveStream }

const views = { home, subscriptions, subscription, addresses, me, change, today, theme, live }

export default defineApp(
  { name: 'home', verboseName: 'Home', root: import.meta.url },
  {
    views,
    slots: { 'subscription.history': SubscriptionTimeline },
    exportedUrls: [['/', views]],
    jobs: {
      countMonths: defineJob({
        payload: z.object({}),
        schedule: '23 * * * *',
        run: (_, { tx }) => keepMonths(tx, currentScope().registry.config.provider.currency),
      }),
    },
    menu: [
      { label: 'Home', view: 'home', icon: 'home', order: 10 },
      { label: 'Subscriptions', view: 'subscriptions', icon: 'router', order: 20 },
      { label: 'Addresses', view: 'addresses', icon: 'network', order: 30 },
      { label: 'My details', view: 'me', icon: 'user', order: 200 },
      { label: 'Today', view: 'today', icon: 'home', audience: 'staff', section: 'today', order: 0 },
    ],
  },
)
