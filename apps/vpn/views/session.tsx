import { Address, Card, Facts, formatDateTime, formatNumber, State, t } from 'coin'
import type { Session } from '../sessions.ts'

/** A server tells of running connections every few minutes: after this long without a word, nobody knows. */
const silence = 15 * 60_000

/** The last connection, as the VPN server told of it. */
export function SessionCard({ session: { since, seen, until, remote, received, sent } }: { session: Session }) {
  const runs = until === null && Date.now() - Date.parse(seen) < silence
  return (
    <Card title={t('Last connection')} actions={runs && <State tone="ok">{t('Connected')}</State>}>
      <Facts
        items={[
          { label: t('Since'), value: formatDateTime(since) },
          until !== null && { label: t('Until'), value: formatDateTime(until) },
          until === null && !runs && { label: t('Last heard of'), value: formatDateTime(seen) },
          remote !== null && { label: t('From the address'), value: <Address>{remote}</Address> },
          received + sent > 0 && { label: t('You received'), value: amountOf(sent) },
          received + sent > 0 && { label: t('You sent'), value: amountOf(received) },
        ]}
      />
    </Card>
  )
}

/** Octets as a person reads them. */
function amountOf(octets: number): string {
  if (octets >= 1e9) return t('{{number}} GB', { number: formatNumber(rounded(octets / 1e9)) })
  if (octets >= 1e6) return t('{{number}} MB', { number: formatNumber(rounded(octets / 1e6)) })
  return t('{{number}} kB', { number: formatNumber(Math.ceil(octets / 1e3)) })
}

const rounded = (value: number) => Math.round(value * 10) / 10
