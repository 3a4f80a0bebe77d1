import { sitePath } from '../../ui/index.ts'

/** The address of the page that takes files, of one kind or of any. */
export const uploadPath = (kind = ''): string => `${sitePath('/admin/import')}${kind ? `?kind=${encodeURIComponent(kind)}` : ''}`

/** The address of one file, or of what belongs to it. */
export const importPath = (id: number, rest = ''): string => sitePath(`/admin/import/${id}${rest && `/${rest}`}`)
