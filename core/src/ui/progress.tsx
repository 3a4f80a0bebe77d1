import { t } from '../app/i18n.ts'
import { formatNumber } from './format.ts'
import type { Content } from './html.ts'

interface ProgressProps {
  /** What advances: `Members billed`. */
  readonly label: string
  readonly done: number
  readonly total: number
  /** Time left, or what happens next. */
  readonly note?: Content
}

/** A named bar with its figures. */
export const Progress = ({ label, done, total, note }: ProgressProps) => {
  const words = t('{{done}} of {{total}}', { done: formatNumber(done), total: formatNumber(total) })
  return (
    <>
      <p class="row-flex m-0">
        <span class="strong">{words}</span>
        {note && (
          <span class="push quiet" role="status">
            {note}
          </span>
        )}
      </p>
      <progress class="my-2" max={total} value={done} aria-label={label}>
        {words}
      </progress>
    </>
  )
}
