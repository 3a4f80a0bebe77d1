import * as z from 'zod'

/** A directory (LDAP) whose groups give roles. */
export const directorySchema = z.strictObject({
  /** `ldap://` or `ldaps://`. */
  url: z.string().regex(/^ldaps?:\/\/[^/\s]+$/, 'is not the address of a directory such as ldaps://ldap.example.org'),
  /** StartTLS on `ldap://`. */
  startTls: z.boolean().default(false),
  /** A file with the authority of its certificate, when it is not a public one. */
  caFile: z.string().optional(),
  /** Who Coin is there, and with what password: from the environment, not from the file. Without both, nobody in particular. */
  bindDn: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  /** Below what its people are found, and which entries are people. */
  users: z.string().min(3),
  userFilter: z
    .string()
    .regex(/^\(.*\)$/, 'is not a filter such as (objectClass=person)')
    .default('(objectClass=person)'),
  /** The attribute that is the e-mail address of an account here. */
  mail: z.string().min(1).default('mail'),
  /** The attribute of a person that names their groups, such as `memberOf`; without it, the entries of the groups are read. */
  groupsOfUser: z.string().min(1).optional(),
  /** Which group gives which role, by the group's name (DN). */
  roles: z
    .record(z.string().min(3), z.string().min(1))
    .refine(roles => Object.keys(roles).length > 0, 'names no group: say which group gives which role'),
})
export type Directory = z.output<typeof directorySchema>
