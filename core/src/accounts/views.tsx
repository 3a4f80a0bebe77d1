import type { View } from '../app/view.ts'
import { changePassword, endSession, showAccount } from './account-page.tsx'
import { askForPassword, showForgotten } from './forgotten-page.tsx'
import { chooseLanguage } from './language.ts'
import { setNewPassword, showReset } from './reset-page.tsx'
import { showSignIn, signIn, signOut } from './sign-in-page.tsx'

export const accountViews = {
  signIn: { path: '/sign-in', access: 'public', get: showSignIn, post: signIn },
  signOut: { path: '/sign-out', access: 'public', post: signOut },
  forgotten: { path: '/forgotten', access: 'public', get: showForgotten, post: askForPassword },
  reset: { path: '/reset', access: 'public', get: showReset, post: setNewPassword },
  account: { path: '/account', access: 'signed_in', get: showAccount },
  password: { path: '/account/password', access: 'signed_in', post: changePassword },
  endSession: { path: '/account/sessions/:session', access: 'signed_in', post: endSession },
  language: { path: '/language/:language', access: 'public', get: chooseLanguage, post: chooseLanguage },
} satisfies Record<string, View>
