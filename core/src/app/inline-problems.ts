import { getTableColumns } from 'drizzle-orm'
import type { Problem } from './checks.ts'
import type { AnyResource } from './resource.ts'

/** Inlines that name a resource, or a field of it, that is not there. */
export function inlineProblems(resources: readonly { readonly app: string; readonly resource: AnyResource }[]): Problem[] {
  const byName = new Map(resources.map(({ resource }) => [resource.name, resource]))
  return resources.flatMap(({ app, resource }) =>
    (resource.inlines ?? []).flatMap(inline => {
      const key = `resources.${resource.name}.inlines`
      const child = byName.get(inline.resource)
      if (!child) return [{ app, key, message: `no app declares the resource '${inline.resource}'`, remedy: 'name one that is declared' }]
      const missing = [
        ...(inline.field in getTableColumns(child.table) ? [] : [inline.field]),
        ...(inline.fields ?? []).filter(name => !(name in child.fields)),
      ]
      return missing.map(name => ({
        app,
        key,
        message: `the resource '${inline.resource}' has no field '${name}'`,
        remedy: `use one of ${Object.keys(child.fields).join(', ')}`,
      }))
    }),
  )
}
