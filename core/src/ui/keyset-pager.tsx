import { t } from '../app/i18n.ts'
import { PagerStep } from './pager.tsx'

interface KeysetPagerProps {
  readonly previous: string | undefined
  readonly next: string | undefined
  readonly note: string
}

/** Previous and next of a list whose pages are found by key: how far one is cannot be said without counting. */
export const KeysetPager = ({ previous, next, note }: KeysetPagerProps) =>
  previous === undefined && next === undefined ? null : (
    <nav class="pager" aria-label={t('Pages')}>
      <span class="small">{note}</span>
      <span class="push" />
      <PagerStep label={t('Previous')} href={previous} />
      <PagerStep label={t('Next')} href={next} />
    </nav>
  )
