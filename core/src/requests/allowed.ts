import { requireWithin } from '../admin/write.ts'
import type { AnyResource } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** Throws unless whoever accepts may also do by themselves, with that row, what accepting does. */
export async function requireAlso(resource: AnyResource, verb: 'add' | 'change', id: number, tx: Tx): Promise<void> {
  const { actor } = currentScope()
  if (!may(actor, `${resource.name}.${verb}`))
    throw new CoinError('refused', 'To accept this you need the permission {{permission}} too.', {
      values: { permission: `${resource.name}.${verb}` },
      hint: 'Ask an administrator.',
    })
  await requireWithin(resource, verb, id, tx, actor)
}
