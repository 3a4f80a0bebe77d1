import { asset, type Configuration, formatNumber, type Html, Page, t, url } from 'coin'
import type { radio } from './tables.ts'

type Link = Configuration<typeof radio>

export const RadioPage = ({ link, form }: { link: Link; form: Html }) => (
  <Page
    title={link.mac}
    extraCss={<link rel="stylesheet" href={asset('radio', 'css/local.css')} />}
    extraJs={<script src={asset('radio', 'js/compass.js')} defer />}
  >
    <ul>
      {link.ipSubnets.map(subnet => (
        <li>{subnet.prefix}</li>
      ))}
    </ul>
    {form}
    <form method="post" action={url('radio-links:passphrase', { id: link.id })}>
      <button type="submit">{t('Make a new passphrase')}</button>
    </form>
  </Page>
)

export const NewPassphrase = ({ link, passphrase }: { link: Link; passphrase: string }) => (
  <Page title={t('New passphrase')}>
    <p>
      <code>{passphrase}</code>
    </p>
    <a href={url('radio-links:details', { id: link.id })}>{t('Back to the link')}</a>
  </Page>
)

export const CoveragePage = ({ links }: { links: number }) => (
  <Page title={t('Coverage')}>
    <p>{t('{{count}} antennas', { count: links })}</p>
    <p>{formatNumber(links * 5)} km²</p>
  </Page>
)
