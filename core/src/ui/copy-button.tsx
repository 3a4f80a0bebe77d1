import { t } from '../app/i18n.ts'
import { Icon } from './icon.tsx'

/** Copies a text. Hidden until coin.js finds that it can. */
export const CopyButton = ({ value, what }: { value: string; what?: string }) => (
  <button class="btn btn-sm btn-plain copy" type="button" hidden data-copy={value} data-copied={t('Copied')}>
    <Icon name="copy" />
    <span aria-live="polite">{t('Copy')}</span>
    {what && <span class="visually-hidden"> {what}</span>}
  </button>
)
