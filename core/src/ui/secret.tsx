import { CopyButton } from './copy-button.tsx'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'

/** A secret, shown once. The page that shows it must send `Cache-Control: no-store`. */
export const Secret = ({ title, value, children }: { title: string; value: string; children?: Content }) => (
  <div class="note ok" role="status">
    <Icon name="key" />
    <div class="flex-fill">
      <p>
        <b>{title}</b>
      </p>
      <code class="secret">{value}</code>
      <CopyButton value={value} />
      {children && <p class="hint">{children}</p>}
    </div>
  </div>
)
