import { Address, Card, Facts, type IpSubnet, t } from 'coin'
import type { Account } from '../account.ts'

/** What the account holds. */
export const SubnetsCard = ({ account: { ipSubnets } }: { account: Account }) => (
  <Card title={t('Your addresses')}>
    {ipSubnets.length === 0 ? (
      <p class="quiet m-0">{t('None yet')}</p>
    ) : (
      <Facts
        items={([4, 6] as const).map(family => {
          const held = ipSubnets.filter(subnet => subnet.family === family)
          return held.length > 0 && { label: `IPv${family}`, value: held.map(subnet => <Block subnet={subnet} />) }
        })}
      />
    )}
  </Card>
)

const Block = ({ subnet: { prefix } }: { subnet: IpSubnet }) => (
  <span class="d-block">
    <Address>{prefix}</Address> <span class="quiet d-block small">{sizeOf(prefix)}</span>
  </span>
)

function sizeOf(prefix: string): string {
  const length = Number(prefix.split('/')[1])
  if (!prefix.includes(':')) return t('{{count}} addresses', { count: 2 ** (32 - length) })
  return length <= 64 ? t('{{count}} networks', { count: 2 ** (64 - length) }) : t('{{count}} addresses', { count: 2 ** (128 - length) })
}
