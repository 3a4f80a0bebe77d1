import { tellValue } from '../admin/history.ts'
import { labelsOf } from '../admin/list.ts'
import type { AnyConfiguration } from '../app/configuration.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { Address, ButtonLink, Card, Facts, Slot, Stack, sitePath } from '../ui/index.ts'
import { fieldsOf, nameOf } from './fields.ts'
import type { AnyConfigurationRow } from './queries.ts'

/** The address of the page that the member sees, if its type has one. */
export function memberPage({ type, spec }: AnyConfiguration, id: number): string | undefined {
  return spec.views ? sitePath(currentScope().registry.reverse(`${spec.urlNamespace ?? type}:details`, { id })) : undefined
}

export function ConfigurationActions({ configuration, id }: { configuration: AnyConfiguration; id: number }) {
  const href = memberPage(configuration, id)
  if (!href) return null
  return (
    <ButtonLink href={href} icon="eye">
      {t('As the member sees it')}
    </ButtonLink>
  )
}

/** The body of a configuration's page. */
export async function ConfigurationDetails({
  configuration,
  row,
  tx,
}: {
  configuration: AnyConfiguration
  row: AnyConfigurationRow
  tx: Tx
}) {
  const { registry, actor } = currentScope()
  const values: Readonly<Record<string, unknown>> = row
  const items = []
  for (const field of fieldsOf(configuration)) {
    const value = values[field.name]
    const labels =
      field.reference && typeof value === 'number' ? await labelsOf(registry, tx, field.reference, [value]) : new Map<string, string>()
    const said = tellValue(value, field, new Map([[field.reference ?? '', labels]]))
    items.push({
      label: t(field.label),
      value: said,
      ...((field.kind === 'address' || field.kind === 'prefix') && { kind: 'addr' as const }),
    })
  }
  const { subscription, ipSubnets, comment } = row
  return (
    <Stack>
      <Card title={t(nameOf(configuration))}>
        <Facts
          items={[
            {
              label: t('Member'),
              value: <a href={sitePath(`/admin/members/${subscription.member.id}`)}>{subscription.member.displayName}</a>,
            },
            { label: t('Subscription'), value: <a href={sitePath(`/admin/subscriptions/${subscription.id}`)}>{subscription.reference}</a> },
            {
              label: t('Offer'),
              value: subscription.offer && <a href={sitePath(`/admin/offers/${subscription.offer.id}`)}>{subscription.offer.name}</a>,
            },
            ...items,
            { label: t('Comment'), value: comment },
          ]}
        />
      </Card>
      <Card title={t('Addresses')} id="addresses">
        {ipSubnets.length === 0 ? (
          <p class="quiet">{t('None yet')}</p>
        ) : (
          <ul class="plain">
            {ipSubnets.map(subnet => (
              <li>
                {may(actor, 'subnet.view') ? (
                  <a href={sitePath(`/admin/subnets/${subnet.id}`)}>
                    <Address>{subnet.prefix}</Address>
                  </a>
                ) : (
                  <Address>{subnet.prefix}</Address>
                )}
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Slot name="configuration.details" props={{ configurationId: row.id as number }} />
    </Stack>
  )
}
