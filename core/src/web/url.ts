import { currentScope } from '../app/scope.ts'

/** The address of a view, base path included: `url('vpn:details', { id })`. What the path does not name goes into the query. */
export function url(name: string, parameters: Readonly<Record<string, string | number>> = {}): string {
  const { basePath, registry } = currentScope()
  return basePath + registry.reverse(name, parameters)
}
