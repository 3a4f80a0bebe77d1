import { and, eq, inArray, sql } from 'drizzle-orm'
import { inviteMember } from '../accounts/invite.ts'
import type { AfterCommit } from '../app/events.ts'
import { mailMember } from './mails.ts'
import { requestMessages, requests } from './tables.ts'

/** Who was accepted on the page of the member, or by another program, is told and invited as if the request had been. */
export const afterCommit: AfterCommit = {
  async member(id, changes, tx) {
    if (!changes.some(({ changed }) => changed.includes('status'))) return
    const { rows } = await tx.execute(sql`SELECT FROM member WHERE id = ${id} AND status = 'member'`)
    if (rows.length === 0) return
    const [request] = await tx
      .update(requests)
      .set({ state: 'accepted' })
      .where(and(eq(requests.memberId, id), eq(requests.kind, 'sign_up'), inArray(requests.state, ['open', 'waiting'])))
      .returning()
    if (!request) return
    await tx.insert(requestMessages).values({ requestId: request.id, author: 'staff', state: 'accepted' })
    await mailMember(tx, request, 'accepted')
    await inviteMember(id, tx)
  },
}
