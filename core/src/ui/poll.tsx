import { currentScope } from '../app/scope.ts'
import { sitePath } from './host.ts'
import type { Content } from './html.ts'

/**
 * A part that keeps itself up to date: it asks for this page again and takes the part of the same id. Without scripts one
 * loads the page again. Not while the page is hidden.
 */
export function Poll({ id, seconds = 30, children }: { id: string; seconds?: number; children?: Content }) {
  const { path, query } = currentScope()
  const url = sitePath(query.size > 0 ? `${path}?${query}` : path)
  return (
    <div
      class="stack"
      id={id}
      hx-get={url}
      hx-trigger={`every ${seconds}s`}
      hx-target="this"
      hx-select={`#${id}`}
      hx-swap="outerMorph ignoreTitle:true"
    >
      {children}
    </div>
  )
}
