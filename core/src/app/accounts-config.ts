import * as z from 'zod'
import { directorySchema } from './directory-config.ts'

const oidcSchema = z.strictObject({
  /** Its part of addresses, such as `keycloak`; the name under which accounts are linked, so it stays. */
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'is not a name such as keycloak')
    .refine(id => id !== 'credential', 'is taken by passwords'),
  /** On the button. */
  name: z.string().min(1),
  /** As its tokens name it; `/.well-known/openid-configuration` is found below. */
  issuer: z.url(),
  clientId: z.string().min(1),
  /** From the environment, not from the file; without one it is a public client. */
  clientSecret: z.string().min(1).optional(),
  /** What it is asked for. */
  scopes: z.array(z.string()).default(['openid', 'email', 'profile']),
  /** The claim that lists what somebody belongs to. */
  rolesClaim: z.string().min(1).default('groups'),
  /** Which of these gives which role; without any, roles are given by hand. */
  roles: z.record(z.string(), z.string().min(1)).optional(),
  /** Who may come that has no account yet: nobody, whoever gets a role here, or the member with that e-mail address. */
  createUsers: z.union([z.literal(false), z.enum(['staff', 'member'])]).default(false),
  /** Its word for an e-mail address is taken although it does not say `email_verified`. */
  trustEmail: z.boolean().default(false),
  /** It asks for two factors itself, always. Without, two factors count when its token says so (`amr` with `mfa`). */
  twoFactors: z.boolean().default(false),
})
export type OidcProvider = z.output<typeof oidcSchema>

/** How people sign in. */
export const accountsSchema = z.strictObject({
  /** Who needs two factors: whoever wants to, staff, or everyone. */
  twoFactors: z.enum(['optional', 'staff', 'everyone']).default('optional'),
  /** A directory whose groups give roles to those who have an account here; without one, roles are given by hand. */
  directory: directorySchema.optional(),
  /** Services of others that say who somebody is (OpenID Connect). */
  oidc: z
    .array(oidcSchema)
    .refine(list => new Set(list.map(({ id }) => id)).size === list.length, 'names one id twice')
    .default([]),
})
