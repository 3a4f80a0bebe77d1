import { t } from '../app/i18n.ts'
import { type Content, classes } from './html.ts'

interface BulkProps {
  readonly action: string
  readonly actions: readonly { readonly value: string; readonly label: string }[]
  /** Offers all rows that the list has, not only those of the page: it is sent as `all`, with the query that finds them as `query`. */
  readonly all?: { readonly label: string; readonly query: string } | undefined
  /** The table, with `choose`. */
  readonly children?: Content
  readonly class?: string
}

/** A table and the bar of its chosen rows, in one POST form. Its button opens a plan. */
export const Bulk = ({ action, actions, all, children, class: className }: BulkProps) => (
  <form class={classes('card', className)} method="post" action={action}>
    {children}
    {actions.length > 0 && (
      <div class="bulk">
        <span class="strong">
          <output /> {t('chosen')}
        </span>
        {all && (
          <label class="form-check m-0">
            <input type="hidden" name="query" value={all.query} />
            <input class="form-check-input" type="checkbox" name="all" value="yes" /> <span>{all.label}</span>
          </label>
        )}
        <label class="visually-hidden" for="do">
          {t('Action')}
        </label>
        <select class="form-select w-auto" id="do" name="do">
          {actions.map(one => (
            <option value={one.value}>{one.label}</option>
          ))}
        </select>
        <button class="btn" type="submit">
          {t('Review')}
        </button>
        <span class="push small quiet wide">{t('You will see what it does before it is done.')}</span>
      </div>
    )}
  </form>
)
