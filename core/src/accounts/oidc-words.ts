/** Why somebody could not come in from a sign-in service, by what better-auth or the service calls it. */
export const oidcWords: Readonly<Record<string, { readonly message: string }>> = {
  access_denied: { message: '{{name}} says that you may not, or do not want to, sign in here.' },
  signup_disabled: { message: 'Nobody here has the e-mail address that {{name}} knows of you. Ask the provider for an account.' },
  unable_to_create_user: { message: '{{name}} gives you no place here. Ask the provider for an account.' },
  account_not_linked: {
    message: '{{name}} does not say that your e-mail address is yours, so it opens no account here. Sign in with the password.',
  },
  email_not_found: { message: '{{name}} does not tell your e-mail address, which this site needs to know you.' },
  state_mismatch: { message: 'The sign-in took too long, or began in another browser. Begin again.' },
  state_not_found: { message: 'The sign-in took too long, or began in another browser. Begin again.' },
  ACCOUNT_DISABLED: { message: 'This account is disabled. Ask an administrator.' },
}

/** Whatever else: an answer with a wrong issuer, nonce, signature or code. */
export const untrusted = { message: 'The answer of {{name}} cannot be trusted. Begin again, and tell the provider if it stays so.' }
