import { currentScope } from '../app/scope.ts'
import { sitePath } from './host.ts'
import type { Content } from './html.ts'

interface PollProps {
  readonly id: string
  /** How often it looks by itself. */
  readonly seconds?: number
  /** What `tellLive` is called with when something changes here, such as `run:12`: it looks then, not after some seconds. */
  readonly topic?: string | undefined
  readonly children?: Content
}

/**
 * A part that keeps itself up to date: it asks for this page again and takes the part of the same id. Without scripts one
 * loads the page again. Not while the page is hidden.
 */
export function Poll({ id, seconds = 30, topic, children }: PollProps) {
  const { path, query } = currentScope()
  const url = sitePath(query.size > 0 ? `${path}?${query}` : path)
  return (
    <div
      class="stack"
      id={id}
      data-live={topic && `${sitePath('/live')}?topic=${encodeURIComponent(topic)}`}
      hx-get={url}
      hx-trigger={`every ${seconds}s${topic ? ', live throttle:300ms' : ''}`}
      hx-target="this"
      hx-select={`#${id}`}
      hx-swap="outerMorph ignoreTitle:true"
    >
      {children}
    </div>
  )
}
