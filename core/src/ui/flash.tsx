import type { Content } from './html.ts'
import { Icon } from './icon.tsx'
import { type Tone, toneIcon } from './state.tsx'

/** One sentence at the top of the page, there until the next one. */
export const Flash = ({ kind, children }: { kind: 'ok' | 'fail'; children?: Content }) => (
  <div class={`flash ${kind}`} role={kind === 'ok' ? 'status' : 'alert'}>
    <Icon name={kind === 'ok' ? 'circle-check' : 'alert-circle'} />
    <div>{children}</div>
  </div>
)

/** The same inside a card: one sentence, maybe one action. `live` when it answers what somebody just did. */
export const Note = ({ tone = 'none', icon, live, children }: { tone?: Tone; icon?: string; live?: boolean; children?: Content }) => (
  <div class={tone === 'none' ? 'note' : `note ${tone}`} role={live ? 'status' : undefined}>
    <Icon name={icon ?? (tone === 'ok' ? 'circle-check' : tone === 'fail' || tone === 'none' ? 'alert-circle' : toneIcon[tone])} />
    <div class="flex-fill">{children}</div>
  </div>
)
