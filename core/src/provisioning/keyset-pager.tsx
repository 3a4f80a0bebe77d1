import { t } from '../app/i18n.ts'

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
      <Step label={t('Previous')} href={previous} />
      <Step label={t('Next')} href={next} />
    </nav>
  )

const Step = ({ label, href }: { label: string; href: string | undefined }) =>
  href ? (
    <a class="btn" href={href}>
      {label}
    </a>
  ) : (
    <span class="btn disabled" aria-disabled="true">
      {label}
    </span>
  )
