/** What can happen to an account, as its owner reads it. */
export const eventWords = {
  signed_in: { label: 'Signed in' },
  sign_in_failed: { label: 'A sign-in failed: the password was wrong' },
  code_failed: { label: 'A sign-in failed: the code was wrong' },
  password_changed: { label: 'The password was changed' },
  password_set: { label: 'The password was set by a link from a mail' },
  factor_on: { label: 'Two factors were switched on' },
  factor_off: { label: 'Two factors were switched off' },
  factor_reset: { label: 'The second factor and the passkeys were taken away by the provider' },
  recovery_used: { label: 'A recovery code was used' },
  recovery_renewed: { label: 'New recovery codes were made' },
  passkey_added: { label: 'A passkey was added' },
  passkey_removed: { label: 'A passkey was removed' },
  account_linked: { label: 'The account was linked to a sign-in service' },
  session_ended: { label: 'A session was ended' },
  sessions_ended: { label: 'All other sessions were ended' },
} as const
export type AccountEventKind = keyof typeof eventWords

/** Those that somebody else than the owner might have wanted: a mail tells of them. */
export const toldByMail: ReadonlySet<AccountEventKind> = new Set([
  'password_changed',
  'password_set',
  'factor_on',
  'factor_off',
  'factor_reset',
  'recovery_used',
  'recovery_renewed',
  'passkey_added',
  'passkey_removed',
  'account_linked',
])

/** Those that are no good news. */
export const failures: ReadonlySet<AccountEventKind> = new Set(['sign_in_failed', 'code_failed'])
