import { ldapConnection } from 'coin-ldap'
import * as z from 'zod'
import { certificateSettings } from './certificates/index.ts'

const line = z.string().regex(/^[^\r\n\0]*$/, 'is more than one line')
const pem = z.string().includes('-----BEGIN ')

/** Where the accounts are in the directory, and how the attributes are called there. */
const directory = z.strictObject({
  /** The DN under which the entries are, such as `ou=vpn,dc=example,dc=net`. */
  base: z.string().min(1),
  /** `coin`: the schema that comes with coin-ldap; `first_coin`: the names that the scripts of the first Coin read. */
  layout: z.enum(['coin', 'first_coin']).default('coin'),
  /** Names that are different from those of the layout. */
  attributes: z
    .strictObject({
      login: z.string(),
      password: z.string(),
      enabled: z.string(),
      ipv4Endpoint: z.string(),
      ipv6Endpoint: z.string(),
      ipv4Route: z.string(),
      ipv6Route: z.string(),
    })
    .partial()
    .default({}),
  /** Object classes, when they are different from those of the layout. */
  objectClass: z.array(z.string()).min(1).optional(),
})
export type Directory = z.output<typeof directory>

/** Where the VPN servers are, for the profile that members download. */
const server = z
  .strictObject({
    remotes: z
      .array(
        z.strictObject({
          host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]*$/, 'is not the name or the address of a host'),
          port: z.number().int().min(1).max(65_535).default(1194),
          proto: z.enum(['udp', 'tcp']).default('udp'),
        }),
      )
      .min(1),
    /** The certificate of the authority that signed the server's, as PEM text or as a file. */
    ca: pem.optional(),
    caFile: z.string().optional(),
    /** The server's tls-crypt key, as text or as a file: without one, the profile has none. */
    tlsCrypt: z.string().includes('-----BEGIN OpenVPN Static key').optional(),
    tlsCryptFile: z.string().optional(),
    /** The common name of the server's certificate; without it, any certificate for servers of that authority will do. */
    commonName: z
      .string()
      .regex(/^[^\s"'\\]+$/, 'is not a common name without spaces and quotes')
      .optional(),
    /** More lines for the profile. */
    extra: z.array(line).default([]),
  })
  .refine(given => given.ca || given.caFile, { path: ['ca'], error: 'give ca or caFile' })
export type Server = z.output<typeof server>

/** What a deployment sets. All of it may be left out: then nothing is pushed, and members are told that there is no server yet. */
export const settings = z
  .strictObject({
    /** Whether members sign in to the VPN with a password; `false` where its server takes certificates alone. */
    passwords: z.boolean().default(true),
    /** How passwords are kept: `sha512crypt` for a directory without argon2. */
    hash: z.enum(['argon2', 'sha512crypt']).default('argon2'),
    /** How the directory is reached. */
    ldap: ldapConnection.optional(),
    directory: directory.optional(),
    server: server.optional(),
    /** Certificates instead of passwords: with it, members get one from the deployment's own authority. */
    certificates: certificateSettings.optional(),
    /** What the VPN server shows when it tells of connections: as text, in a file, or the name of an environment variable. */
    sessionToken: z
      .string()
      .regex(/^\S{32,}$/, 'has fewer than 32 characters, or spaces')
      .optional(),
    sessionTokenFile: z.string().optional(),
    sessionTokenEnv: z.string().optional(),
    /** Days that connections are kept. */
    keepSessionsDays: z.number().int().min(1).default(31),
  })
  .refine(({ ldap, directory: there }) => !ldap === !there, { path: ['directory'], error: 'ldap and directory are given together' })
  .refine(({ passwords, certificates }) => passwords || certificates, {
    path: ['passwords'],
    error: 'without passwords, give certificates',
  })
export type Settings = z.output<typeof settings>
