import { asset } from './host.ts'

/** An icon of the sprite, by its Tabler name. Decorative: the words beside it carry the meaning. */
export const Icon = ({ name, turn }: { name: string; turn?: boolean }) => (
  <svg class={turn ? 'icon turn' : 'icon'} aria-hidden="true">
    <use href={`${asset('coin', 'icons.svg')}#${name}`} />
  </svg>
)
