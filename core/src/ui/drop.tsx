import type { Content } from './html.ts'
import { Icon } from './icon.tsx'

/** More actions, behind a button that needs no JavaScript. */
export const Drop = ({ label, icon = 'dots', children }: { label: string; icon?: string; children?: Content }) => (
  <details class="drop end-drop">
    <summary class="btn" aria-label={label}>
      <Icon name={icon} />
    </summary>
    <div>{children}</div>
  </details>
)
