import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { formatNumber } from './format.ts'
import { withQuery } from './html.ts'

interface PagerProps {
  /** From 1. */
  readonly page: number
  readonly pageSize: number
  readonly total: number
  /** There are more than `total`: nobody counted on. */
  readonly more?: boolean
  /** The query kept by the links; the page's own unless given. */
  readonly query?: string | URLSearchParams
  /** Shorter ways to the pages beside this one. */
  readonly previous?: string | undefined
  readonly next?: string | undefined
  readonly class?: string
}

/** To the first, previous, next and last page, and where one is. Nothing when all rows fit. */
export function Pager({ page, pageSize, total, more = false, query = currentScope().query, previous, next, class: className }: PagerProps) {
  if (total <= pageSize) return null
  const to = (number: number) => withQuery(query, { page: number > 1 ? number : undefined })
  const first = (page - 1) * pageSize + 1
  const last = more ? page * pageSize : Math.min(total, page * pageSize)
  const pages = Math.ceil(total / pageSize)
  const values = { first: formatNumber(first), last: formatNumber(last), total: formatNumber(total) }
  return (
    <nav class={className ? `pager ${className}` : 'pager'} aria-label={t('Pages')}>
      <span class="small">
        {more ? t('{{first}}–{{last}} of more than {{total}}', values) : t('{{first}}–{{last}} of {{total}}', values)}
      </span>
      <span class="push" />
      {pages > 2 && <PagerStep label={t('First')} href={page > 1 ? to(1) : undefined} wide />}
      <PagerStep label={t('Previous')} href={page > 1 ? (previous ?? to(page - 1)) : undefined} />
      <PagerStep label={t('Next')} href={more || last < total ? (next ?? (more ? undefined : to(page + 1))) : undefined} />
      {pages > 2 && !more && <PagerStep label={t('Last')} href={page < pages ? to(pages) : undefined} wide />}
    </nav>
  )
}

/** To another page; without an address it is there and leads nowhere. `wide`: not on a phone. */
export const PagerStep = ({ label, href, wide }: { label: string; href: string | undefined; wide?: boolean }) =>
  href ? (
    <a class={wide ? 'btn wide' : 'btn'} href={href}>
      {label}
    </a>
  ) : (
    <span class={wide ? 'btn wide disabled' : 'btn disabled'} aria-disabled="true">
      {label}
    </span>
  )
