import { type AnyResource, keysOf } from '../../app/resource.ts'
import { type SettledField, settleFields } from '../fields.ts'

/** What a list can do with rows that are chosen, besides what its resource offers. */
export const bulkDeeds = { change: 'coin.change', remove: 'coin.remove' } as const
export type BulkDeed = (typeof bulkDeeds)[keyof typeof bulkDeeds]

/** The fields that many rows can be given one value of: not what names a row, and nothing secret. */
export const bulkFields = (resource: AnyResource): SettledField[] =>
  settleFields(resource.table, resource.fields, resource.change).filter(
    ({ name, secret }) => !secret && !keysOf(resource)[0]?.includes(name),
  )
