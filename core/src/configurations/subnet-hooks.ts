import type { IpSubnet, SubnetChange } from '../app/configuration.ts'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import type { OutboxRow } from '../db/hooks.ts'
import { loadConfigurations } from './queries.ts'

const kinds = { added: 'added', changed: 'modified', removed: 'removed' } as const

/** Tells the app of each configuration whose subnets are among `rows` which of them changed. A configuration that is gone is not told. */
export const subnetHooks =
  (registry: Registry) =>
  async (rows: readonly OutboxRow[], tx: Tx): Promise<void> => {
    const subnetRows = rows.filter(row => row.entity === 'subnet' && row.configuration_id !== null)
    if (subnetRows.length === 0) return
    const ids = [...new Set(subnetRows.map(row => row.configuration_id as number))]
    for (const configuration of await loadConfigurations(registry, tx, ids)) {
      const onSubnetEvent = registry.configurations.get(configuration.type as string)?.configuration.spec.onSubnetEvent
      if (!onSubnetEvent) continue
      const changes = subnetRows.filter(row => row.configuration_id === configuration.id).map(row => changeOf(row, configuration.ipSubnets))
      await onSubnetEvent({ configuration, changes }, tx)
    }
  }

function changeOf(row: OutboxRow, now: readonly IpSubnet[]): SubnetChange {
  const kind = kinds[row.op]
  const current = kind === 'removed' ? undefined : now.find(subnet => subnet.id === row.entity_id)
  return { kind, subnet: current ?? asWas(row) }
}

function asWas({ entity_id: id, detail }: OutboxRow): IpSubnet {
  const prefix = String(detail?.prefix)
  return { id, prefix, family: prefix.includes(':') ? 6 : 4, poolId: Number(detail?.pool_id) }
}
