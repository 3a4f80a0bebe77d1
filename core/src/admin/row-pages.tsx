import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { ButtonLink, Card, type Crumb, Drop, Facts, Flash, type Html, Page, ReviewButton, sitePath } from '../ui/index.ts'
import { settleFields } from './fields.ts'
import { type ToldEntry, tellValue } from './history.ts'
import { labelsOf } from './list.ts'
import { HistoryTimeline, type UndoHref } from './timeline.tsx'
import { canWith } from './write.ts'

/** The address of a resource's list, or of a page below it. */
export const pathOf = (resource: AnyResource, ...rest: readonly (string | number)[]): string =>
  sitePath(['/admin', resource.plural, ...rest].join('/'))

/** The way back from a page of one row. */
export const crumbsOf = (resource: AnyResource, row?: Row): Crumb[] => [
  { label: t(resource.labelPlural), href: pathOf(resource) },
  ...(row ? [{ label: resource.describe(row), href: pathOf(resource, row.id) }] : []),
]

/** The page of one row. */
export async function RowPage({ resource, row, body }: { resource: AnyResource; row: Row; body: Html }) {
  const [changes, removes] = [await canWith(resource, 'change', row.id), await canWith(resource, 'remove', row.id)]
  const fixed = resource.fixed?.(row) ?? false
  return (
    <Page
      title={resource.describe(row)}
      crumbs={crumbsOf(resource)}
      head={resource.head?.(row)}
      actions={
        <>
          {resource.actions?.(row)}
          {!fixed && changes && (
            <ButtonLink href={pathOf(resource, row.id, 'edit')} icon="edit">
              {t('Change')}
            </ButtonLink>
          )}
          <Drop label={t('More')}>
            {resource.more?.(row)}
            <a href={pathOf(resource, row.id, 'history')}>{t('History')}</a>
            {!fixed && removes && <a href={pathOf(resource, row.id, 'remove')}>{t('Remove')}</a>}
          </Drop>
        </>
      }
    >
      {body}
    </Page>
  )
}

/** The fields of a row, for a resource without a page body of its own. */
export async function RowFacts({ registry, resource, row, tx }: { registry: Registry; resource: AnyResource; row: Row; tx: Tx }) {
  const names = [...new Set([...resource.add, ...resource.change])].filter(name => !resource.fields[name]?.secret)
  const items = []
  for (const field of settleFields(resource.table, resource.fields, names)) {
    const value = row[field.name]
    const choices = typeof field.choices === 'function' ? await field.choices(tx) : field.choices
    const labels =
      field.reference && typeof value === 'number' ? await labelsOf(registry, tx, field.reference, [value]) : new Map<string, string>()
    const { choices: _, ...rest } = field
    const said = tellValue(value, { ...rest, ...(choices && { choices }) }, new Map(field.reference ? [[field.reference, labels]] : []))
    const referred = field.reference ? registry.resources.get(field.reference)?.resource : undefined
    items.push({
      label: t(field.label),
      value: referred && typeof value === 'number' ? <a href={pathOf(referred, value)}>{said}</a> : said,
      ...((field.kind === 'address' || field.kind === 'prefix') && { kind: 'addr' as const }),
    })
  }
  const edit = pathOf(resource, row.id, 'edit')
  const changeable = !(resource.fixed?.(row) ?? false) && (await canWith(resource, 'change', row.id))
  return (
    <Card
      title={t(resource.label)}
      id="facts"
      actions={
        changeable && (
          // the form comes in place of the card; without scripts it is a page
          <a href={edit} hx-get={edit} hx-target="#facts" hx-select="form.card" hx-swap="outerHTML ignoreTitle:true">
            {t('Change here')}
          </a>
        )
      }
    >
      <Facts items={items} />
    </Card>
  )
}

interface HistoryPageProps {
  readonly title: string
  readonly crumbs: readonly Crumb[]
  readonly entries: readonly ToldEntry[]
  readonly undoHref?: UndoHref | undefined
}

/** What happened to one row. */
export const HistoryPage = ({ title, crumbs, entries, undoHref }: HistoryPageProps) => (
  <Page title={t('History of {{name}}', { name: title })} crumbs={crumbs}>
    <section class="card">
      <div class="card-body">
        {entries.length > 0 ? (
          <HistoryTimeline entries={entries} undoHref={undoHref} />
        ) : (
          <p class="quiet">{t('Nothing is known of its past.')}</p>
        )}
      </div>
    </section>
  </Page>
)

interface RemovePageProps {
  readonly title: string
  readonly crumbs: readonly Crumb[]
  readonly action: string
  readonly back: string
  readonly version: number | undefined
  readonly consequences: readonly string[]
  /** Why it was refused. */
  readonly refusal?: string | undefined
  /** Offers to look at the plan first. */
  readonly review?: boolean | undefined
}

/** The last step before a removal: what it does, or why it cannot be done. */
export const RemovePage = ({ title, crumbs, action, back, version, consequences, refusal, review }: RemovePageProps) => (
  <Page title={t('Remove {{name}}?', { name: title })} crumbs={crumbs}>
    {refusal && <Flash kind="fail">{refusal}</Flash>}
    <section class="card">
      <div class="card-body">
        {(consequences.length > 0 ? consequences : [t('It is removed for good. Its history is kept.')]).map(sentence => (
          <p>{sentence}</p>
        ))}
      </div>
      <form class="card-body actions" method="post" action={action}>
        {version !== undefined && <input type="hidden" name="version" value={String(version)} />}
        {review && <ReviewButton />}
        <button class={review ? 'btn' : 'btn btn-danger'} type="submit">
          {t('Remove')}
        </button>
        <a class="btn" href={back}>
          {t('Keep as it is')}
        </a>
      </form>
    </section>
  </Page>
)
