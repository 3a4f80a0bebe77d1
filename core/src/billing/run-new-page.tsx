import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { type FieldError, invalid, isCoinError } from '../errors.ts'
import { errorOf, Field, Form, formatDateInput, Page, parseDate, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { startRun } from './run.ts'
import { runPath } from './run-words.tsx'

interface Typed {
  readonly date: string
  readonly look: string
  readonly issues: string
}

/** Begins a run: up to when, whether it is looked at first, and what becomes of what it bills. */
export const newRunPage: View = {
  path: '/admin/runs/new',
  access: 'billing.run',
  async get() {
    const { db, registry } = currentScope()
    const { rows } = await db.execute<{ today: string }>(sql`SELECT coin.today()::text AS today`)
    const issues = registry.config.billing.issue ? 'issue' : 'drafts'
    return <NewRunPage typed={{ date: formatDateInput(rows[0]?.today ?? ''), look: 'first', issues }} />
  },
  async post(c) {
    const form = await c.req.parseBody()
    const text = (name: string) => (typeof form[name] === 'string' ? form[name].trim() : '')
    const typed = { date: text('date'), look: text('look'), issues: text('issues') }
    try {
      const preview = typed.look !== 'now'
      const date = dateOf(typed.date)
      const id = await c.var.coin.transaction(c.var.actor, tx => startRun(tx, { date, preview, issues: typed.issues === 'issue' }))
      return redirectTo(c, runPath(id), preview ? t('It is being worked out. Nothing is billed yet.') : t('The run has begun.'))
    } catch (error) {
      if (!isCoinError(error) || error.code !== 'invalid') throw error
      c.status(422)
      return <NewRunPage typed={typed} errors={error.fields} />
    }
  },
}

function dateOf(text: string): string {
  const parsed = parseDate(text)
  if (!parsed.ok) throw invalid('date', parsed.message, parsed.values)
  return parsed.value
}

function NewRunPage({ typed, errors = [] }: { typed: Typed; errors?: readonly FieldError[] }) {
  return (
    <Page title={t('New run')} crumbs={[{ label: t('Billing runs'), href: sitePath('/admin/runs') }]} errors={errors}>
      <Form action={sitePath('/admin/runs/new')} submit={t('Start the run')} cancel={sitePath('/admin/runs')}>
        <Field
          name="date"
          label={t('Up to')}
          kind="date"
          value={typed.date}
          hint={t('Every period that begins on this day or before is billed, unless it was already.')}
          error={errorOf(errors, 'date')}
        />
        <Field
          name="look"
          label={t('How')}
          kind="choice"
          value={typed.look}
          options={[
            { value: 'first', label: t('Dry run first'), hint: t('Each line and total is shown. You then bill exactly that, or drop it.') },
            { value: 'now', label: t('Bill at once') },
          ]}
        />
        <Field
          name="issues"
          label={t('What becomes of what it bills')}
          kind="choice"
          value={typed.issues}
          options={[
            { value: 'drafts', label: t('Drafts'), hint: t('They wait until somebody issues them.') },
            { value: 'issue', label: t('Issued invoices'), hint: t('Numbered, frozen and sent. This cannot be taken back.') },
          ]}
        />
      </Form>
    </Page>
  )
}
