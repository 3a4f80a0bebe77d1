import type { Account } from '../account.ts'

/** What makes the OpenVPN profile of an account, without certificate, key or password; undefined when there is no server yet. */
export type ProfileWriter = (account: Account) => string | undefined | Promise<string | undefined>

/** The profile with what a client shows: a certificate and where its key is, or a bundle of both. */
export function profileWith(
  profile: string,
  parts: { readonly certificate: string; readonly key?: string } | { readonly bundle: Buffer },
): string {
  const own =
    'bundle' in parts
      ? block('pkcs12', parts.bundle.toString('base64').replace(/(.{64})/g, '$1\n'))
      : block('cert', parts.certificate) + (parts.key === undefined ? '' : block('key', parts.key))
  return `${profile.trimEnd()}\n${own}`
}

const block = (name: string, text: string) => `<${name}>\n${text.trim()}\n</${name}>\n`
