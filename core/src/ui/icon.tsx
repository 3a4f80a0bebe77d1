import { asset } from './host.ts'
import type { Html } from './html.ts'
import { escaped, html } from './quick.ts'

const drawn = new Map<string, Html>()

/** An icon of the sprite, by its Tabler name. Decorative: the words beside it carry the meaning. Each is written once. */
export function Icon({ name, turn }: { name: string; turn?: boolean }): Html {
  const address = `${asset('coin', 'icons.svg')}#${name}`
  const key = turn ? `turn ${address}` : address
  const known = drawn.get(key)
  if (known) return known
  const icon = html(`<svg class="${turn ? 'icon turn' : 'icon'}" aria-hidden="true"><use href="${escaped(address)}"></use></svg>`)
  drawn.set(key, icon)
  return icon
}
