import { type Content, classes } from './html.ts'

/** A figure and one line that gives it sense. */
export interface Stat {
  readonly label: Content
  readonly value: Content
  readonly note?: Content
  readonly bad?: boolean
}

/** Two to four figures; `text` for words such as a member or an offer. */
export const Stats = ({ items, text }: { items: readonly Stat[]; text?: boolean }) => (
  <dl class={classes('stats', text && 'text')}>
    {items.map(item => (
      <div>
        <dt>{item.label}</dt>
        <dd class={classes(!text && 'big', item.bad && 'fail-text')}>{item.value}</dd>
        {item.note !== undefined && <dd class="small quiet">{item.note}</dd>}
      </div>
    ))}
  </dl>
)
