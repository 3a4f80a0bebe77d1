import { sitePath } from '../../ui/index.ts'

/** Where the pages of bank statements are. */
export const bankPath = (): string => sitePath('/admin/bank')
export const importPath = (id: number, verb = ''): string => sitePath(`/admin/bank/imports/${id}${verb && `/${verb}`}`)
export const linePath = (id: number, verb = ''): string => sitePath(`/admin/bank/lines/${id}${verb && `/${verb}`}`)
export const unmatchedPath = (): string => sitePath('/admin/bank/unmatched')
