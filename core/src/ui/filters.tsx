import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { sitePath } from './host.ts'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'

/** An active filter: a link that removes it. */
export interface Chip {
  readonly label: string
  readonly removeHref: string
}

interface FiltersProps {
  /** What is searched, for screen readers: `Subscriptions`. */
  readonly label: string
  readonly search?: { readonly name?: string; readonly label: string; readonly value?: string | undefined }
  readonly chips?: readonly Chip[]
  /** The fields that add a filter; shown in a popover with a button. */
  readonly children?: Content
  /** What the query already says and these fields do not: the view, the sort, the active filters. */
  readonly hidden?: Readonly<Record<string, string>>
  /** The id of the part that a search replaces while one types. */
  readonly target?: string
  readonly save?: { readonly href: string }
  readonly action?: string
}

/** One GET form: a search field, a chip per active filter, a popover to add one. The address bar is the state. */
export function Filters({ label, search, chips = [], children, hidden = {}, target = 'rows', save, action }: FiltersProps) {
  const url = action ?? sitePath(currentScope().path)
  const name = search?.name ?? 'q'
  return (
    // biome-ignore lint/a11y/useSemanticElements: a search element does not submit
    <form class="filters" method="get" action={url} role="search" aria-label={label}>
      {Object.entries(hidden).map(([key, value]) => (
        <input type="hidden" name={key} value={value} />
      ))}
      {search && (
        <div class="field-search">
          <Icon name="search" />
          <label class="visually-hidden" for={name}>
            {search.label}
          </label>
          <input
            class="form-control"
            type="search"
            id={name}
            name={name}
            placeholder={search.label}
            value={search.value}
            autocomplete="off"
            hx-get={url}
            hx-include="closest form"
            hx-target={`#${target}`}
            hx-select={`#${target}`}
            hx-swap="outerHTML"
            hx-trigger="input changed delay:250ms"
            hx-push-url="true"
            hx-sync="this:replace"
          />
        </div>
      )}
      {chips.map(chip => (
        <a class="chip" href={chip.removeHref}>
          <span class="visually-hidden">{t('Remove the filter')} </span>
          {chip.label} <Icon name="x" />
        </a>
      ))}
      {children && (
        <details class="drop">
          <summary class="btn">
            <Icon name="filter" />
            {t('Filter')}
          </summary>
          <div class="stack">
            {children}
            <button class="btn btn-primary" type="submit">
              {t('Show')}
            </button>
          </div>
        </details>
      )}
      {save && (
        <a class="btn btn-plain push wide" href={save.href}>
          <Icon name="bookmark" />
          {t('Save this view')}
        </a>
      )}
    </form>
  )
}
