import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { formatNumber } from './format.ts'
import { withQuery } from './html.ts'

interface PagerProps {
  /** From 1. */
  readonly page: number
  readonly pageSize: number
  readonly total: number
  /** The query kept by the links; the page's own unless given. */
  readonly query?: string | URLSearchParams
  readonly class?: string
}

/** Previous and next, and where one is. Nothing when all rows fit. */
export function Pager({ page, pageSize, total, query = currentScope().query, class: className }: PagerProps) {
  if (total <= pageSize) return null
  const first = (page - 1) * pageSize + 1
  const last = Math.min(total, page * pageSize)
  return (
    <nav class={className ? `pager ${className}` : 'pager'} aria-label={t('Pages')}>
      <span class="small">
        {t('{{first}}–{{last}} of {{total}}', { first: formatNumber(first), last: formatNumber(last), total: formatNumber(total) })}
      </span>
      <span class="push" />
      <PagerStep label={t('Previous')} href={page > 1 ? withQuery(query, { page: page > 2 ? page - 1 : undefined }) : undefined} />
      <PagerStep label={t('Next')} href={last < total ? withQuery(query, { page: page + 1 }) : undefined} />
    </nav>
  )
}

/** To another page; without an address it is there and leads nowhere. */
export const PagerStep = ({ label, href }: { label: string; href: string | undefined }) =>
  href ? (
    <a class="btn" href={href}>
      {label}
    </a>
  ) : (
    <span class="btn disabled" aria-disabled="true">
      {label}
    </span>
  )
