import { t } from '../../app/i18n.ts'
import { reasonText } from './reason-codes.ts'

/** Why a mandate ended, in words; `''` while it is active. */
export function mandateEndWords(state: string, why: string): string {
  if (state === 'active') return ''
  if (why === 'unused') return t('Nothing was collected by it for 36 months.')
  if (why === 'used') return t('It was for one collection.')
  return why ? t(reasonText(why)) : t('It was ended by hand.')
}
