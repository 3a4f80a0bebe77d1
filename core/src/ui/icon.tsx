import { asset } from './host.ts'
import { escaped, html } from './quick.ts'

/** An icon of the sprite, by its Tabler name. Decorative: the words beside it carry the meaning. */
export const Icon = ({ name, turn }: { name: string; turn?: boolean }) =>
  html(
    `<svg class="${turn ? 'icon turn' : 'icon'}" aria-hidden="true"><use href="${escaped(`${asset('coin', 'icons.svg')}#${name}`)}"></use></svg>`,
  )
