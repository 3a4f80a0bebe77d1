import { type Content, classes } from './html.ts'

/** A figure and one line that gives it sense. */
export interface Stat {
  readonly label: Content
  readonly value: Content
  readonly note?: Content
  readonly bad?: boolean
}

interface StatsProps {
  readonly items: readonly Stat[]
  /** For words such as a member or an offer. */
  readonly text?: boolean
  /** More of them, each a `StatItem`. */
  readonly children?: Content
}

/** Two to four figures. */
export const Stats = ({ items, text, children }: StatsProps) => (
  <dl class={classes('stats', text && 'text')}>
    {items.map(item => (
      <StatItem {...item} big={!text} />
    ))}
    {children}
  </dl>
)

/** One of them: what a slot adds. */
export const StatItem = ({ label, value, note, bad, big }: Stat & { readonly big?: boolean }) => (
  <div>
    <dt>{label}</dt>
    <dd class={classes(big && 'big', bad && 'fail-text')}>{value}</dd>
    {note !== undefined && <dd class="small quiet">{note}</dd>}
  </div>
)
