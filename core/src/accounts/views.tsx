import type { View } from '../app/view.ts'
import { changePassword, showAccount } from './account-page.tsx'
import { enterCode, showCode } from './code-page.tsx'
import { askForPassword, showForgotten } from './forgotten-page.tsx'
import { chooseLanguage } from './language.ts'
import { comeFromService, goToService } from './oidc-sign-in.ts'
import { addPasskey, passkeyOptions, removePasskey, renamePasskey, signInPasskeyOptions, signInWithPasskey } from './passkey-actions.ts'
import { setNewPassword, showReset } from './reset-page.tsx'
import { beginSecondFactor, confirmSecondFactor, endSecondFactor, renewRecoveryCodes } from './second-factor-actions.tsx'
import { showSecondFactor } from './second-factor-page.tsx'
import { endOtherSessions, endSession } from './sessions-card.tsx'
import { showSignIn, signIn, signOut } from './sign-in-page.tsx'

export const accountViews = {
  signIn: { path: '/sign-in', access: 'public', get: showSignIn, post: signIn },
  signInCode: { path: '/sign-in/code', access: 'public', get: showCode('app'), post: enterCode('app') },
  signInRecovery: { path: '/sign-in/recovery', access: 'public', get: showCode('recovery'), post: enterCode('recovery') },
  signInPasskey: { path: '/sign-in/passkey', access: 'public', post: signInWithPasskey },
  signInPasskeyOptions: { path: '/sign-in/passkey/options', access: 'public', post: signInPasskeyOptions },
  signInWith: { path: '/sign-in/with/:provider', access: 'public', get: goToService },
  comeFrom: { path: '/sign-in/with/:provider/back', access: 'public', get: comeFromService },
  signOut: { path: '/sign-out', access: 'public', post: signOut },
  forgotten: { path: '/forgotten', access: 'public', get: showForgotten, post: askForPassword },
  reset: { path: '/reset', access: 'public', get: showReset, post: setNewPassword },
  account: { path: '/account', access: 'signed_in', get: showAccount },
  password: { path: '/account/password', access: 'signed_in', post: changePassword },
  secondFactor: { path: '/account/second-factor', access: 'signing_in', get: showSecondFactor, post: beginSecondFactor },
  confirmSecondFactor: { path: '/account/second-factor/confirm', access: 'signing_in', post: confirmSecondFactor },
  recoveryCodes: { path: '/account/second-factor/recovery', access: 'signed_in', post: renewRecoveryCodes },
  endSecondFactor: { path: '/account/second-factor/end', access: 'signed_in', post: endSecondFactor },
  addPasskey: { path: '/account/passkeys', access: 'signing_in', post: addPasskey },
  passkeyOptions: { path: '/account/passkey-options', access: 'signing_in', post: passkeyOptions },
  renamePasskey: { path: '/account/passkeys/:passkey', access: 'signed_in', post: renamePasskey },
  removePasskey: { path: '/account/passkeys/:passkey/remove', access: 'signed_in', post: removePasskey },
  endOtherSessions: { path: '/account/sessions', access: 'signed_in', post: endOtherSessions },
  endSession: { path: '/account/sessions/:session', access: 'signed_in', post: endSession },
  language: { path: '/language/:language', access: 'public', get: chooseLanguage, post: chooseLanguage },
} satisfies Record<string, View>
