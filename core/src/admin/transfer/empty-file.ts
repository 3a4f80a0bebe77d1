import type { Registry } from '../../app/registry.ts'
import { currentScope } from '../../app/scope.ts'
import type { View } from '../../app/view.ts'
import { CoinError } from '../../errors.ts'
import { streamOf } from '../../web/stream.ts'
import { columnsOf } from './columns.ts'
import { formatNamed, mediaTypes, type TableSource, writeTable } from './formats.ts'
import { importableBy, kindNamed } from './kinds.ts'

/** A file with the columns of a kind and no rows, to be filled in. */
export const emptyFileView: View = {
  path: '/admin/import/empty',
  access: 'staff',
  narrows: true,
  get(c) {
    const { registry, actor } = currentScope()
    const format = formatNamed(c.req.query('format')) ?? 'csv'
    const kind = kindNamed(registry, c.req.query('kind') ?? '')
    if (!importableBy(registry, actor).some(({ name }) => name === kind.name))
      throw new CoinError('forbidden', 'You may not open this page.', { hint: 'Ask somebody who works for the provider.' })
    return c.body(streamOf(writeTable(format, emptyTable(registry, kind.name))), 200, {
      'Content-Type': mediaTypes[format],
      'Content-Disposition': `attachment; filename="${kind.name}.${format}"`,
      'Cache-Control': 'no-store',
    })
  },
}

/** The columns of a kind without rows. Who fills it in names rows: their ids come from exports. */
export function emptyTable(registry: Registry, kind: string): TableSource {
  const { resource } = kindNamed(registry, kind)
  const columns = columnsOf(registry, resource, { secrets: true })
  const names = new Set(columns.flatMap(({ by, field }) => (by === 'name' ? (field?.name ?? []) : [])))
  const wanted = columns.filter(({ field, by }) => field && !(by === 'id' && names.has(field.name)))
  return { name: kind, headers: wanted.map(({ header }) => header), batches: none() }
}

async function* none(): AsyncGenerator<never> {}
