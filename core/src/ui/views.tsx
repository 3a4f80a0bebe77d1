import { t } from '../app/i18n.ts'
import { formatNumber } from './format.ts'

/** A named set of filters. */
export interface SavedView {
  readonly label: string
  readonly href: string
  readonly count?: number | undefined
  readonly current?: boolean | undefined
}

/** Saved views as tabs: links with counts. */
export const Views = ({ items, label }: { items: readonly SavedView[]; label?: string }) => (
  <nav class="views" aria-label={label ?? t('Saved views')}>
    {items.map(item => (
      <a href={item.href} aria-current={item.current ? 'page' : undefined}>
        {item.label}
        {item.count !== undefined && <span class="quiet"> {formatNumber(item.count)}</span>}
      </a>
    ))}
  </nav>
)
