import { formatMoment } from './format.ts'
import type { Content } from './html.ts'

/** One thing that happened: one sentence with who did it. */
export interface TimelineItem {
  /** ISO moment or date. */
  readonly at: string
  readonly text: Content
  readonly mark?: 'ok' | 'fail' | undefined
}

/** What happened, newest first. */
export const Timeline = ({ items }: { items: readonly TimelineItem[] }) => (
  <ol class="timeline">
    {items.map(item => (
      <li class={item.mark && `${item.mark}-mark`}>
        <time datetime={item.at}>{formatMoment(item.at)}</time>
        <br />
        {item.text}
      </li>
    ))}
  </ol>
)
