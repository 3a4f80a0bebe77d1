import { t } from '../app/i18n.ts'
import { ButtonLink } from './button.tsx'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'

interface EmptyProps {
  readonly title: string
  readonly icon?: string
  /** What will be here, and why one wants it. */
  readonly children?: Content
  readonly actions?: Content
}

/** What stands where nothing is yet: what will be here, why, and one primary action. */
export const Empty = ({ title, icon = 'package', children, actions }: EmptyProps) => (
  <div class="empty-box">
    <Icon name={icon} />
    <h2>{title}</h2>
    {children && <p>{children}</p>}
    {actions && <div class="actions">{actions}</div>}
  </div>
)

/** A filter with no result. */
export const NothingMatches = ({ clearHref }: { clearHref: string }) => (
  <Empty title={t('Nothing matches')} icon="search" actions={<ButtonLink href={clearHref}>{t('Remove the filters')}</ButtonLink>} />
)
