import type { PasskeyOptions } from '@better-auth/passkey'
import { APIError } from 'better-auth/api'

/** How passkeys are made: for this site, found without typing a name, unlocked each time by a PIN, a finger or a face. */
export function passkeySettings(providerName: string, publicUrl: string | undefined): PasskeyOptions {
  const site = publicUrl === undefined ? undefined : new URL(publicUrl)
  return {
    rpName: providerName,
    rpID: site?.hostname ?? 'localhost',
    ...(site && { origin: site.origin }),
    advanced: { webAuthnChallengeCookie: 'passkey' },
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    registration: {
      afterVerification: ({ verification }) => requireUnlocked(verification.registrationInfo?.userVerified),
    },
    authentication: {
      afterVerification: ({ verification }) => requireUnlocked(verification.authenticationInfo.userVerified),
    },
  }
}

function requireUnlocked(unlocked: boolean | undefined): void {
  if (!unlocked) throw new APIError('BAD_REQUEST', { code: 'PASSKEY_NOT_UNLOCKED' })
}
