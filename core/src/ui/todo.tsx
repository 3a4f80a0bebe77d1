import { type Content, classes } from './html.ts'
import { Dot, type Tone } from './state.tsx'

/** One thing that needs a person: a sentence and one action. */
export interface TodoItem {
  readonly tone: Tone
  readonly icon?: string
  readonly text: Content
  readonly action?: Content
}

/** A list of what needs a person, or of what somebody has (`brief`). */
export const Todo = ({ items, top, brief }: { items: readonly TodoItem[]; top?: boolean; brief?: boolean }) => (
  <ul class={classes('todo', top && 'top', brief && 'brief')}>
    {items.map(item => (
      <li>
        <Dot tone={item.tone} {...(item.icon ? { icon: item.icon } : {})} />
        <div>{item.text}</div>
        {item.action}
      </li>
    ))}
  </ul>
)
