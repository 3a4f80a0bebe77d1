import { t } from '../../app/i18n.ts'
import type { AnyResource } from '../../app/resource.ts'
import type { FieldError } from '../../errors.ts'
import { Page } from '../../ui/index.ts'
import type { LoadedField } from '../fields.ts'
import { formFor } from '../form.tsx'
import { crumbsOf } from '../row-pages.tsx'
import { bulkPath, HiddenChoice } from './bulk-choice.tsx'
import type { SentBulk } from './bulk-page.tsx'

interface BulkFormProps {
  readonly resource: AnyResource
  readonly sent: SentBulk
  readonly count: number
  readonly fields: readonly LoadedField[]
  readonly errors: readonly FieldError[]
}

/** Which fields are set, and to what: only those that are ticked. */
export function BulkForm({ resource, sent, count, fields, errors }: BulkFormProps) {
  const named = fields.map(field => ({ ...field, name: `to.${field.name}` }))
  const values = Object.fromEntries(Object.entries(sent.raw).map(([name, text]) => [`to.${name}`, text]))
  const wrong = errors.map(error => ({ ...error, field: error.field && `to.${error.field}` }))
  return (
    <Page title={t('Change {{count}} rows', { count })} crumbs={crumbsOf(resource)} errors={wrong}>
      <form class="card" method="post" action={bulkPath(resource)} novalidate>
        <div class="card-body fields">
          <HiddenChoice sent={sent} />
          <p class="hint m-0">{t('Tick the fields that all of them get the same value of. The others stay as they are in each row.')}</p>
          {fields.map((field, index) => (
            <div class="stack">
              <label class="form-check m-0">
                <input class="form-check-input" type="checkbox" name="set" value={field.name} checked={sent.set.includes(field.name)} />{' '}
                <span>{t('Set {{label}}', { label: t(field.label) })}</span>
              </label>
              {formFor(named.slice(index, index + 1), values, wrong)}
            </div>
          ))}
          <div class="actions">
            <button class="btn btn-primary" type="submit">
              {t('Show what it would do')}
            </button>
            <a class="btn" href={crumbsOf(resource)[0]?.href}>
              {t('Cancel')}
            </a>
            <span class="hint align-self-center">{t('Nothing has changed yet.')}</span>
          </div>
        </div>
      </form>
    </Page>
  )
}
