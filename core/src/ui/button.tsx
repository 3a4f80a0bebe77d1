import { type Content, classes } from './html.ts'
import { Icon } from './icon.tsx'

interface Look {
  readonly icon?: string
  /** One `primary` per form or page head; `danger` only on the last step of something destructive. */
  readonly kind?: 'primary' | 'danger' | 'plain'
  readonly small?: boolean
  readonly children?: Content
}

const look = ({ kind, small }: Look) => classes('btn', kind && `btn-${kind}`, small && 'btn-sm')

/** A link that looks like a button: it goes somewhere. */
export const ButtonLink = ({ href, ...rest }: Look & { href: string }) => (
  <a class={look(rest)} href={href}>
    {rest.icon && <Icon name={rest.icon} />}
    {rest.children}
  </a>
)

/** A button of a form: it does something. */
export const Button = ({ name, value, ...rest }: Look & { name?: string; value?: string }) => (
  <button class={look(rest)} type="submit" name={name} value={value}>
    {rest.icon && <Icon name={rest.icon} />}
    {rest.children}
  </button>
)

/** A button that is a form of its own: one POST, such as Retry. `target` swaps in place when htmx is there. */
export const PostButton = ({
  action,
  fields = {},
  target,
  ...rest
}: Look & { action: string; fields?: Readonly<Record<string, string>>; target?: string }) => (
  <form method="post" action={action} hx-post={target && action} hx-target={target}>
    {Object.entries(fields).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <Button {...rest} />
  </form>
)
