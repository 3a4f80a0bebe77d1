import { CoinError, type Command } from 'coin'
import { findAuthority, makeAuthority } from './authority.ts'
import { findCrl, refreshCrl } from './crl.ts'
import { writeCrlFile } from './jobs.ts'
import { revokeLogin } from './revoke.ts'
import type { CertificateSettings } from './settings.ts'

/** `coin vpn ca-init`, `ca`, `crl`, `revoke`. */
export const certificateCommands = (settings: CertificateSettings): Readonly<Record<string, Command>> => ({
  caInit: {
    summary: 'Make the certificate authority; it is made by itself when the first certificate is asked for',
    options: { name: 'what it calls itself <name>' },
    async run({ options }, tx) {
      const given = typeof options.name === 'string' ? options.name.trim() : settings.authority
      const made = await makeAuthority(tx, given || undefined)
      await refreshCrl(tx, settings)
      return { name: made.name, notAfter: made.notAfter.toISOString() }
    },
  },
  ca: {
    summary: 'Print the certificate of the authority, for the VPN server’s option `ca`',
    async run(_input, tx) {
      const authority = await findAuthority(tx)
      if (!authority) throw none()
      return authority.certificate.trimEnd()
    },
  },
  crl: {
    summary: 'Print the revocation list, or write it to a file; a new one is signed when it is due',
    options: { file: 'written whole or not at all <path>' },
    async run({ options }, tx) {
      await refreshCrl(tx, settings)
      const list = await findCrl(tx)
      if (!list) throw none()
      if (typeof options.file !== 'string') return list.crl.trimEnd()
      await writeCrlFile(options.file, list.crl)
      return { file: options.file, number: list.number, nextUpdate: list.nextUpdate.toISOString() }
    },
  },
  revoke: {
    summary: 'Revoke all certificates of a login, because its key may be in other hands',
    arguments: ['login'],
    async run({ arguments: { login = '' } }, tx) {
      const revoked = await revokeLogin(tx, login, 'key_compromise')
      if (revoked === 0) throw new CoinError('not_found', 'No certificate of {{login}} is valid.', { values: { login } })
      await refreshCrl(tx, settings)
      return { revoked }
    },
  },
})

const none = () => new CoinError('not_found', 'There is no certificate authority yet.', { hint: 'Make one: coin vpn ca-init' })
