import { type Content, classes } from './html.ts'

/** Turns words into an id: `Billed so far` → `billed-so-far`. */
export const idOf = (words: string): string =>
  words
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'part'

interface CardProps {
  readonly title: string
  /** Needed when two cards of a page have the same title, and for a link or an htmx target. */
  readonly id?: string
  /** At the end of the header: a link, a state. */
  readonly actions?: Content
  /** After the title, quiet: a count. */
  readonly note?: Content
  /** Wraps the children in a `.card-body`. Off for a list, a table, or several bodies. */
  readonly body?: boolean
  readonly class?: string
  readonly children?: Content
}

/** A section with its heading. What fills a slot is always one of these. */
export function Card({ title, id, actions, note, body = true, class: className, children }: CardProps) {
  const heading = `${id ?? idOf(title)}-title`
  return (
    <section class={classes('card', className)} id={id} aria-labelledby={heading}>
      <div class="card-header">
        <h2 id={heading}>
          {title}
          {note !== undefined && <span class="quiet"> {note}</span>}
        </h2>
        {actions && <div class="push row-flex">{actions}</div>}
      </div>
      {body ? <div class="card-body">{children}</div> : children}
    </section>
  )
}

/** One more part of a card whose `body` is off. */
export const CardBody = ({ children }: { children?: Content }) => <div class="card-body">{children}</div>
