import { currentScope } from './scope.ts'

/**
 * The address of a view, base path included: `url('vpn:details', { id })`. The first half is the app's name, or the
 * `urlNamespace` of a configuration; parameters that the path does not have become the query.
 */
export const url = (view: `${string}:${string}`, parameters: Readonly<Record<string, string | number>> = {}): string => {
  const { basePath, registry } = currentScope()
  return basePath + registry.reverse(view, parameters)
}
