import type { Tx } from '../db/database.ts'

/** Somebody who has come from a sign-in service of others. */
export interface ServiceSignIn {
  readonly userId: string
  /** The id that `accounts.oidc` in `coin.config.ts` gives the service. */
  readonly service: string
  /** The names of the roles that its claim gives them; undefined when no roles follow it. */
  readonly roles: readonly string[] | undefined
}

/** Runs in the transaction of such a sign-in, before it counts: may write in `tx`, may throw to refuse. */
export type OnSignIn = (signIn: ServiceSignIn, tx: Tx) => Promise<void>
