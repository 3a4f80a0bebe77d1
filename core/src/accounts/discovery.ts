import type { OidcProvider } from '../app/accounts-config.ts'
import { CoinError } from '../errors.ts'

/** Where a service describes itself. */
export const discoveryUrl = ({ issuer }: OidcProvider): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/** What a service says of itself now. Throws `unavailable` when it does not answer, or is not the one that was set. */
export async function discover(provider: OidcProvider): Promise<{ readonly userinfo: string | undefined }> {
  const about = await fetch(discoveryUrl(provider), { redirect: 'error', signal: AbortSignal.timeout(10_000) })
    .then(answer => (answer.ok ? (answer.json() as Promise<unknown>) : undefined))
    .catch(() => undefined)
  if (typeof about !== 'object' || about === null) {
    throw new CoinError('unavailable', '{{name}} does not answer.', {
      values: { name: provider.name },
      hint: 'Try again later, or sign in another way.',
    })
  }
  const issuer: unknown = Reflect.get(about, 'issuer')
  if (issuer !== provider.issuer) {
    throw new CoinError('unavailable', '{{name}} calls itself {{issuer}}, which is not what is set here.', {
      values: { name: provider.name, issuer: String(issuer) },
      hint: 'If you administer Coin: accounts.oidc in coin.config.ts must have the same issuer, to the letter.',
    })
  }
  const userinfo: unknown = Reflect.get(about, 'userinfo_endpoint')
  return { userinfo: typeof userinfo === 'string' ? userinfo : undefined }
}
