import { eq, sql } from 'drizzle-orm'
import type { Input } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { requestMessages, requests } from '../requests/tables.ts'
import type { Days } from './days.ts'
import type { OfferName } from './network.ts'
import { plans } from './plan.ts'

interface Said {
  readonly by: 'member' | 'staff' | 'note'
  /** Hours after the request. */
  readonly after: number
  readonly text: string
  /** What the request becomes by it. */
  readonly state?: 'waiting' | 'accepted' | 'refused'
}

interface DemoRequest {
  readonly kind: 'sign_up' | 'subscription' | 'change_offer' | 'end' | 'other'
  /** The place of the member in `people`. */
  readonly who: number
  readonly days: number
  readonly offer?: OfferName
  /** The offer of the subscription that it is about. */
  readonly subscription?: OfferName
  readonly wanted?: (day: Days['day']) => Input
  readonly message: string
  readonly answers?: readonly Said[]
  /** Somebody looks after it already. */
  readonly taken?: true
}

const asked: readonly DemoRequest[] = [
  {
    kind: 'other',
    who: 2,
    days: -21,
    wanted: () => ({ subject: 'Key of the server room' }),
    message: 'May I have the key on Saturday, to change my disk?',
    answers: [{ by: 'staff', after: 5, text: 'Yes. Solène has it: ring her when you are there.', state: 'accepted' }],
  },
  {
    kind: 'sign_up',
    who: 35,
    days: -3,
    offer: 'fibre',
    message: 'My neighbour Zélie is with you and told me about you. The house has had fibre since June.',
    answers: [{ by: 'note', after: 20, text: 'The operator’s map says that the house can be connected.' }],
    taken: true,
  },
  { kind: 'sign_up', who: 36, days: -2, offer: 'dsl', message: 'A line for the winter, if the commitment allows it?' },
  {
    kind: 'sign_up',
    who: 37,
    days: -1,
    message: 'We are eighteen families. Which of your offers fits a crèche?',
    answers: [
      {
        by: 'staff',
        after: 3,
        text: 'Hello Manon,\n\nhow many computers are there, and does the door camera use the line?\n',
        state: 'waiting',
      },
    ],
  },
  {
    kind: 'subscription',
    who: 0,
    days: -4,
    offer: 'colocation',
    message: 'I would like to bring a small server: 1 U, about 30 W.',
    answers: [
      { by: 'staff', after: 6, text: 'There is room in the second rack. Does it have two power supplies?', state: 'waiting' },
      { by: 'member', after: 25, text: 'Only one.' },
    ],
  },
  {
    kind: 'change_offer',
    who: 5,
    days: -2,
    offer: 'fibre',
    subscription: 'dsl',
    wanted: day => ({ from: day(20) }),
    message: 'The fibre has come to our street.',
  },
  {
    kind: 'end',
    who: 16,
    days: -1,
    subscription: 'fibre',
    wanted: day => ({ lastDay: day(31) }),
    message: 'I move to Clermont at the end of the month. Thank you for everything.',
  },
  { kind: 'other', who: 30, days: 0, wanted: () => ({ subject: 'Opening hours' }), message: 'When is somebody at the office this week?' },
]

/** What it needs to know: ids by their place in `people` and `plans`, and those who answer. */
interface Known {
  readonly members: readonly number[]
  readonly subscriptions: readonly number[]
  readonly offers: Readonly<Record<OfferName, number>>
  readonly days: Days
}

/** What people have asked for, with what was said about it: open requests of every kind, and one that is answered. Nobody is mailed about it. */
export async function addRequests(
  tx: Tx,
  { members, subscriptions, offers, days }: Known,
  by: { readonly id: string; readonly name: string },
) {
  for (const { kind, who, days: day, offer, subscription, wanted, message, answers = [], taken } of asked) {
    const memberId = members[who] ?? 0
    const asker = sql<string>`(SELECT display_name FROM member WHERE id = ${memberId})`
    // of today: a little while ago, whatever the hour is
    const openedAt = (hours: number) => sql<Date>`now() - interval '40 minutes' + make_interval(days => ${day}, hours => ${hours})`
    const [row] = await tx
      .insert(requests)
      .values({
        kind,
        memberId,
        asker,
        subscriptionId:
          subscription === undefined
            ? null
            : (subscriptions[plans.findIndex(plan => plan.who === who && plan.offer === subscription)] ?? null),
        offerId: offer ? offers[offer] : null,
        wanted: wanted?.(days.day) ?? {},
        assignedTo: taken ? by.id : null,
        openedAt: openedAt(0),
      })
      .returning({ id: requests.id })
    const requestId = (row as { id: number }).id
    await tx.insert(requestMessages).values([
      { requestId, author: 'member', state: 'open', text: message, at: openedAt(0) },
      ...answers.map(({ by: author, after, text, state }) => ({
        requestId,
        author,
        writtenBy: author === 'member' ? '' : by.name,
        text,
        at: openedAt(after),
        ...(state && { state }),
      })),
    ])
    const state = answers.findLast(({ by }) => by !== 'note')?.state
    if (state) await tx.update(requests).set({ state }).where(eq(requests.id, requestId))
  }
}
