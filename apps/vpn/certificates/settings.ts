import * as z from 'zod'

/** Certificates as a way to authenticate; without this setting there is no authority and nothing to see. */
export const certificateSettings = z.strictObject({
  /** What the authority calls itself; the provider's name unless given. Read when it is made. */
  authority: z.string().trim().min(1).max(64).optional(),
  /** How long a certificate lasts. */
  days: z.number().int().min(1).max(3650).default(365),
  /** From how many days before its end it can be renewed. */
  renewDays: z.number().int().min(1).default(30),
  /** When the member is reminded, in days before the end. */
  remindDays: z.array(z.number().int().min(1)).default([30, 14, 3]),
  /** For how long OpenVPN believes a revocation list; it refuses everybody afterwards. A new one is made each day. */
  crlDays: z.number().int().min(2).max(60).default(7),
  /** Written whenever the list changes, for an OpenVPN server on the machine of Coin's workers. Elsewhere: `fetch-crl`. */
  crlFile: z.string().startsWith('/').optional(),
})
export type CertificateSettings = z.output<typeof certificateSettings>
