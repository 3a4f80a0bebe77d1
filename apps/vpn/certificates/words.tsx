import { formatDate, State, t } from 'coin'
import type { Reason, Standing } from './queries.ts'

/** How it stands with a certificate, as shape, colour and words. */
export function StandingState({ standing }: { standing: Standing }) {
  if (standing.state === 'none') return <State tone="none">{t('No certificate yet')}</State>
  const { notAfter, revokedAt } = standing.certificate
  const date = formatDate(notAfter)
  switch (standing.state) {
    case 'valid':
      return <State tone="ok">{t('Valid until {{date}}', { date })}</State>
    case 'expiring':
      return <State tone="drift">{t('Ends soon, on {{date}}', { date })}</State>
    case 'expired':
      return <State tone="fail">{t('Ended on {{date}}', { date })}</State>
    case 'revoked':
      return <State tone="fail">{t('Revoked on {{date}}', { date: formatDate(revokedAt ?? notAfter) })}</State>
  }
}

/** Why somebody may revoke a certificate by hand. */
export const reasonChoices = (): readonly { readonly value: Reason; readonly label: string }[] => [
  { value: 'key_compromise', label: t('The device is lost, or somebody else may have the key') },
  { value: 'superseded', label: t('Another certificate replaces it') },
  { value: 'cessation_of_operation', label: t('It is not needed any more') },
]

/** Why a certificate was revoked. */
export function reasonWords(reason: Reason): string {
  if (reason === 'affiliation_changed') return t('The login or the member has changed')
  return reasonChoices().find(({ value }) => value === reason)?.label ?? reason
}

/** How a certificate was made. */
export function originWords(madeBy: 'csr' | 'bundle' | 'browser'): string {
  if (madeBy === 'csr') return t('From your own signing request')
  return madeBy === 'bundle' ? t('As a file with a password') : t('In your browser')
}
