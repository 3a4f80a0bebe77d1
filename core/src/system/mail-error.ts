import { t } from '../app/i18n.ts'

const beginning = 'Cannot be encrypted: '

/** How it is kept that a mail was not sent because it could not be encrypted. */
export const cannotBeEncrypted = (reason: string): string => beginning + reason

/** Why a mail was not sent, for staff. What mail servers say is in their own words. */
export const failureWords = (error: string): string =>
  error.startsWith(beginning)
    ? `${t('It cannot be encrypted, and was not sent as it is.')} ${t(error.slice(beginning.length))} ${t('Ask the member for a new key, save it, then try again.')}`
    : error
