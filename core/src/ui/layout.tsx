import { type Content, classes } from './html.ts'
import { escaped, html, piece } from './quick.ts'

/** A column with even gaps. `side`: the right column of `Cols`, written first, so that state is read before settings. */
export const Stack = ({ side, id, children }: { side?: boolean; id?: string; children?: Content }) => (
  <div class={classes('stack', side && 'side-col')} id={id}>
    {children}
  </div>
)

/** Two columns, one below 992 px. `wideLeft`: the right one is 360 px. */
export const Cols = ({ wideLeft, even, children }: { wideLeft?: boolean; even?: boolean; children?: Content }) => (
  <div class={classes('cols', wideLeft && 'wide-left', even && 'even')}>{children}</div>
)

/** An address or prefix: figures line up, a zero is not an O. Always whole, with its prefix. */
export const Address = ({ children }: { children?: Content }) => html('<span class="addr">', piece(children), '</span>')

/** Addresses below one another. */
export const Addresses = ({ all }: { all: readonly string[] }) =>
  html(all.map(address => `<span class="addr">${escaped(address)}</span>`).join('<br/>'))

/** Words for screen readers only. */
export const Unseen = ({ children }: { children?: Content }) => <span class="visually-hidden">{children}</span>
