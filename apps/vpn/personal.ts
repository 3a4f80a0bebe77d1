import { eraseBy, type PersonalData, rowsOfConfigurations } from 'coin'
import { sql } from 'drizzle-orm'

const connections: PersonalData = {
  name: 'vpn_connections',
  label: 'Your VPN connections and certificates',
  purpose: 'To let you connect, and to show you whether somebody else does.',
  basis: 'contract',
  term: 'membership',
  rows: {
    vpn_session: rowsOfConfigurations('vpn_session'),
    vpn_certificate: rowsOfConfigurations('vpn_certificate'),
    vpn_profile_link: rowsOfConfigurations('vpn_profile_link'),
  },
  // a list of revoked ones names them until they expire; sessions and links go with the account
  erase: tx => eraseBy(tx, sql`DELETE FROM vpn_certificate WHERE configuration_id IS NULL AND not_after < now()`),
}

const logins: PersonalData = {
  name: 'vpn_logins',
  label: 'The logins of your VPN accounts',
  purpose: 'To give no login twice: somebody else would get your connections, or be taken for you.',
  basis: 'interest',
  term: { from: 'for as long as we give logins' },
  rows: { vpn_login: rowsOfConfigurations('vpn_login') },
  keptUntil: async (tx, { id }) => {
    const { rows } = await tx.execute(sql`SELECT FROM vpn_login l JOIN configuration c ON c.id = l.configuration_id
      JOIN subscription s ON s.id = c.subscription_id WHERE s.member_id = ${id} LIMIT 1`)
    return rows.length > 0 ? 'infinity' : undefined
  },
}

/** What the VPN holds about members. */
export const personalData = [connections, logins]
