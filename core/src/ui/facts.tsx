import { type Content, classes } from './html.ts'

/** A label and its value. `strong` for a total. */
export interface Fact {
  readonly label: Content
  readonly value: Content
  readonly kind?: 'money' | 'addr' | 'quiet' | undefined
  readonly strong?: boolean
}

/** Labels and values; `ends` puts figures at the right. Facts without a value are left out. */
export const Facts = ({ items, ends }: { items: readonly (Fact | false | null | undefined)[]; ends?: boolean }) => (
  <dl class={classes('facts', ends && 'ends')}>
    {items.map(
      item =>
        item &&
        item.value !== undefined &&
        item.value !== null &&
        item.value !== '' && (
          <div class={item.strong ? 'strong' : undefined}>
            <dt class={item.strong ? 'strong text-body' : undefined}>{item.label}</dt>
            <dd class={item.kind}>{item.value}</dd>
          </div>
        ),
    )}
  </dl>
)
