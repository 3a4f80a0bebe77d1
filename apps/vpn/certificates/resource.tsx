import { type AnyResource, ButtonLink, defineResource, Facts, formatDate, formatDateTime, State, t, url } from 'coin'
import { type SQL, sql } from 'drizzle-orm'
import { certificates } from './tables.ts'
import { originWords, reasonWords } from './words.tsx'

/** Valid now, ending soon, revoked, expired: in SQL, because the list is filtered by it. */
const stateOf = (
  renewDays: number,
): SQL => sql`CASE WHEN vpn_certificate.revoked_at IS NOT NULL THEN 'revoked' WHEN vpn_certificate.not_after <= now() THEN 'expired'
  WHEN vpn_certificate.not_after <= now() + make_interval(days => ${sql.raw(String(renewDays))}) THEN 'expiring' ELSE 'valid' END`

/** Every certificate that was issued, for staff: `coin vpn_certificate list`, `/admin/vpn-certificates`. */
export function certificateResource(renewDays: number): AnyResource {
  const state = stateOf(renewDays)
  const only = (value: string) => sql`${state} = ${value}`
  return defineResource({
    name: 'vpn_certificate',
    plural: 'vpn-certificates',
    label: 'VPN certificate',
    labelPlural: 'VPN certificates',
    icon: 'shield-check',
    section: 'network',
    order: 61,
    empty: 'Certificates that members ask for on the page of their VPN are listed here.',
    table: certificates,
    fields: {
      login: { label: 'Login' },
      holder: { label: 'Member' },
      serial: { label: 'Number' },
      keyKind: { label: 'Key' },
      notBefore: { label: 'From' },
      notAfter: { label: 'Until' },
      revokedAt: { label: 'Revoked' },
    },
    add: [],
    change: [],
    removable: false,
    list: {
      from: sql`vpn_certificate`,
      columns: [
        { key: 'login', label: 'Login', sql: sql`vpn_certificate.login`, sortable: true },
        { key: 'holder', label: 'Member', sql: sql`vpn_certificate.holder`, sortable: true, wide: true },
        { key: 'notAfter', label: 'Until', sql: sql`to_json(vpn_certificate.not_after) #>> '{}'`, sortable: true, render: date },
        { key: 'keyKind', label: 'Key', sql: sql`vpn_certificate.key_kind`, wide: true },
        { key: 'state', label: 'State', sql: state, render: value => <ListedState value={String(value)} /> },
      ],
      search: term =>
        sql`(vpn_certificate.login ILIKE ${`%${term}%`} OR coin.fold(vpn_certificate.holder) LIKE coin.fold(${`%${term}%`}) OR vpn_certificate.serial ILIKE ${`${term}%`})`,
      searchHint: 'Login, member, number',
      views: [
        { name: 'valid', label: 'Valid', where: sql`${state} IN ('valid', 'expiring')` },
        { name: 'expiring', label: 'Ending soon', where: only('expiring') },
        { name: 'revoked', label: 'Revoked', where: only('revoked') },
        { name: 'expired', label: 'Ended', where: only('expired') },
      ],
      sort: 'notAfter',
    },
    describe: row => `${row.login} ${String(row.serial ?? '').slice(0, 8)}`.trim(),
    details: row => <Facts items={facts(row)} />,
    actions: row =>
      row.configurationId && !row.revokedAt ? (
        <>
          <ButtonLink href={url('vpn:details', { id: Number(row.configurationId) })}>{t('The account')}</ButtonLink>
          <ButtonLink href={url('vpn:revokeCertificate', { id: Number(row.configurationId), serial: String(row.serial) })}>
            {t('Revoke')}
          </ButtonLink>
        </>
      ) : undefined,
  })
}

const date = (value: unknown) => formatDate(String(value), 'table')

const moment = (value: unknown) => formatDateTime(value instanceof Date ? value : String(value))

function facts(row: Readonly<Record<string, unknown>>) {
  // the database knows no other values of made_by and reason
  const [madeBy, reason] = [row.madeBy as Parameters<typeof originWords>[0], row.reason as Parameters<typeof reasonWords>[0] | null]
  return [
    { label: t('Login'), value: String(row.login) },
    { label: t('Member'), value: String(row.holder) },
    { label: t('From'), value: moment(row.notBefore) },
    { label: t('Until'), value: moment(row.notAfter) },
    { label: t('Revoked'), value: row.revokedAt ? moment(row.revokedAt) : null },
    { label: t('Why'), value: reason && reasonWords(reason) },
    { label: t('Made'), value: originWords(madeBy) },
    { label: t('Key'), value: String(row.keyKind) },
    { label: t('Number'), value: String(row.serial) },
  ]
}

function ListedState({ value }: { value: string }) {
  switch (value) {
    case 'valid':
      return <State tone="ok">{t('Valid')}</State>
    case 'expiring':
      return <State tone="drift">{t('Ends soon')}</State>
    case 'revoked':
      return <State tone="fail">{t('Revoked')}</State>
    default:
      return <State tone="none">{t('Ended')}</State>
  }
}
