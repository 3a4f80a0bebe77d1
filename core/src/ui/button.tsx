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

interface PostButtonProps extends Look {
  readonly action: string
  readonly fields?: Readonly<Record<string, string>>
  /** The id of the part to replace in place, when htmx is there; the answer's part of the same id is taken. */
  readonly target?: string
}

/** A button that is a form of its own: one POST, such as Retry. */
export const PostButton = ({ action, fields = {}, target, ...rest }: PostButtonProps) => (
  <form method="post" action={action} {...(target ? inPlace(action, target) : {})}>
    {Object.entries(fields).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <Button {...rest} />
  </form>
)

const inPlace = (action: string, target: string) => ({
  'hx-post': action,
  'hx-target': `#${target}`,
  'hx-select': `#${target}`,
  'hx-swap': 'outerHTML',
})
