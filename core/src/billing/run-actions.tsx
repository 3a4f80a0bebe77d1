import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, isCoinError } from '../errors.ts'
import { Confirm, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { applyPreview, dropPreview, issueDrafts, resumeRun, retrySetAside, stopRun } from './run.ts'
import { RunPage, runIdIn } from './run-page.tsx'
import { findRun } from './run-queries.ts'
import { runPath, runTitle, totalsWords } from './run-words.tsx'

/** A button of a run's page. */
const action = (path: string, work: (tx: Tx, id: number) => Promise<unknown>, said: () => string): View => ({
  path: `/admin/runs/:id{[0-9]+}/${path}`,
  access: 'billing.run',
  async post(c) {
    const id = runIdIn(c)
    await c.var.coin.transaction(c.var.actor, tx => work(tx, id))
    return redirectTo(c, runPath(id), said())
  },
})

/** After the part that is under way. */
export const stopView = action('stop', stopRun, () => t('It is stopped. What was billed stays billed.'))
export const resumeView = action('resume', resumeRun, () => t('It goes on.'))
export const dropView = action('drop', dropPreview, () => t('It is dropped: nothing was billed.'))

/** Bills what was shown, when that is still what the run says. */
export const applyView: View = {
  path: '/admin/runs/:id{[0-9]+}/apply',
  access: 'billing.run',
  async post(c) {
    const id = runIdIn(c)
    const { shown, issues } = await c.req.parseBody()
    try {
      await c.var.coin.transaction(c.var.actor, tx => applyPreview(tx, id, issues === 'yes', String(shown ?? '')))
    } catch (error) {
      if (!isCoinError(error) || error.code !== 'conflict') throw error
      c.status(409)
      return <RunPage run={await findRun(currentScope().db, id)} moved />
    }
    return redirectTo(c, runPath(id), t('Exactly what was shown is being billed.'))
  },
}

/** Tries those again who were set aside. */
export const retryView: View = {
  path: '/admin/runs/:id{[0-9]+}/retry',
  access: 'billing.run',
  async post(c) {
    const id = runIdIn(c)
    const { which } = await c.req.parseBody()
    if (which !== 'failed' && which !== 'changed')
      throw new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })
    const left = await c.var.coin.transaction(c.var.actor, async tx => {
      await retrySetAside(tx, id, [which])
      const run = await findRun(tx, id)
      return run.failed + run.changed
    })
    return left === 0
      ? redirectTo(c, runPath(id), t('Nobody is set aside any more.'))
      : redirectTo(c, runPath(id), t('{{count}} are still set aside.', { count: left }), 'fail')
  },
}

/** The last step before the drafts of a run get their numbers. */
export const issueRunPage: View = {
  path: '/admin/runs/:id{[0-9]+}/issue',
  access: 'billing.run',
  async get(c) {
    const run = await findRun(currentScope().db, runIdIn(c))
    if (run.state !== 'done' || run.drafts === 0) return redirectTo(c, runPath(run.id), t('There is no draft to issue.'))
    return (
      <Confirm
        title={t('Issue {{count}} drafts?', { count: run.drafts })}
        crumbs={[
          { label: t('Billing runs'), href: sitePath('/admin/runs') },
          { label: runTitle(run), href: runPath(run.id) },
        ]}
        action={runPath(run.id, 'issue')}
        submit={t('Issue')}
        back={runPath(run.id)}
      >
        <p>{t('Each gets the next number and today’s date, and is frozen. This cannot be taken back.')}</p>
        <p class="strong">{totalsWords(run.totals)}</p>
      </Confirm>
    )
  },
  async post(c) {
    const id = runIdIn(c)
    await c.var.coin.transaction(c.var.actor, tx => issueDrafts(tx, id))
    return redirectTo(c, runPath(id), t('The drafts are being issued.'))
  },
}
