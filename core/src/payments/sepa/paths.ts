import { sitePath } from '../../ui/index.ts'

/** Where the pages of direct debits are. */
export const debitsPath = (): string => sitePath('/admin/direct-debits')
export const batchPath = (id: number, verb = ''): string => sitePath(`/admin/direct-debits/${id}${verb && `/${verb}`}`)
export const collectionPath = (id: number, verb: 'return' | 'done'): string => sitePath(`/admin/direct-debits/collections/${id}/${verb}`)
