import type { OnSignIn } from '../app/sign-in.ts'
import { followRoles } from './rules.ts'

/** The roles of whoever comes from a sign-in service are those that its claim gives now, beside those given by hand. */
export const signedIn: OnSignIn = async ({ userId, service, roles }, tx) => {
  if (roles) await followRoles(tx, userId, `oidc:${service}`, roles)
}
