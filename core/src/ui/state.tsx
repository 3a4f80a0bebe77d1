import { t } from '../app/i18n.ts'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'
import { html, piece } from './quick.ts'

/** How good or bad something is. `none` is unknown or nothing: grey, never green. */
export type Tone = 'ok' | 'wait' | 'drift' | 'fail' | 'none'

/** The icon that goes with a tone. */
export const toneIcon = { ok: 'check', wait: 'clock', drift: 'equal-not', fail: 'x', none: 'help' } as const satisfies Record<Tone, string>

/** Known states: their tone and their word. */
const states = {
  in_sync: ['ok', 'In sync'],
  pending: ['wait', 'Pending'],
  drifted: ['drift', 'Drifted'],
  failed: ['fail', 'Failed'],
  not_verifiable: ['none', 'Not verifiable'],
  paid: ['ok', 'Paid'],
  due: ['wait', 'Due'],
  partly_paid: ['wait', 'Partly paid'],
  in_dispute: ['drift', 'In dispute'],
  overdue: ['fail', 'Overdue'],
  draft: ['none', 'Draft', 'circle-dashed'],
  active: ['ok', 'Active'],
  works: ['ok', 'Works'],
  running: ['wait', 'Running'],
  to_accept: ['wait', 'To accept'],
  future: ['wait', 'Not started'],
  suspended: ['drift', 'Suspended'],
  stopped: ['drift', 'Stopped'],
  error: ['fail', 'Error'],
  ended: ['none', 'Ended', 'circle-dashed'],
} as const satisfies Record<string, readonly [Tone, string, icon?: string]>

/** A state that has a word of its own. */
export type StateName = keyof typeof states

const rank: readonly StateName[] = ['failed', 'drifted', 'pending', 'not_verifiable', 'in_sync']

/** The worst of some network states; `undefined` when there are none. */
export const worstState = (names: readonly StateName[]): StateName | undefined => rank.find(name => names.includes(name))

/** True for a name that `State` knows. */
export const isStateName = (name: string): name is StateName => Object.hasOwn(states, name)

/** The tone of a known state; grey for one nobody knows. */
export const toneOf = (name: string): Tone => (isStateName(name) ? states[name][0] : 'none')

type StateProps =
  | { readonly name: StateName; readonly icon?: string; readonly children?: Content }
  | { readonly tone: Tone; readonly icon?: string; readonly children: Content }

const known = (name: StateName): readonly [Tone, string, icon?: string] => states[name]

/** A tinted label with a shape and a word: `<State name="failed" />`, or `<State tone="fail">1 of 3 failed</State>`. */
export function State(props: StateProps) {
  const [tone, word, icon] = 'name' in props ? known(props.name) : [props.tone, '', undefined]
  return html(
    `<span class="${tone === 'none' ? 'state' : `state ${tone}`}">`,
    piece(Icon({ name: props.icon ?? icon ?? toneIcon[tone] })),
    piece(props.children ?? t(word)),
    '</span>',
  )
}

/** The round mark at the beginning of a line of `Todo`. */
export const Dot = ({ tone, icon }: { tone: Tone; icon?: string }) => (
  <span class={tone === 'none' ? 'dot' : `dot ${tone}`}>
    <Icon name={icon ?? toneIcon[tone]} />
  </span>
)
