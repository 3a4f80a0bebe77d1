import { CoinError, type Context, currentScope, type View } from 'coin'
import { findAuthority } from './authority.ts'
import { findCrl } from './crl.ts'

/** What VPN servers fetch. Nothing in them is secret. */
export const publicViews: Readonly<Record<'revocationList' | 'authority', View>> = {
  revocationList: {
    path: '/crl.pem',
    access: 'public',
    get: async c => {
      const list = await findCrl(currentScope().db)
      if (!list) throw new CoinError('not_found', 'There is no revocation list yet.')
      return pemFile(c, list.crl, `"crl-${list.number}"`)
    },
  },
  authority: {
    path: '/ca.pem',
    access: 'public',
    get: async c => {
      const authority = await findAuthority(currentScope().db)
      if (!authority) throw new CoinError('not_found', 'There is no certificate authority yet.')
      return pemFile(c, authority.certificate, `"ca-${authority.id}"`)
    },
  },
}

function pemFile(c: Context, text: string, etag: string): Response {
  const headers = { 'Content-Type': 'application/x-pem-file', 'Cache-Control': 'public, max-age=30', ETag: etag }
  const known = (c.req.header('if-none-match') ?? '').split(',').map(each => each.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*') ? c.body(null, 304, headers) : c.body(text, 200, headers)
}
