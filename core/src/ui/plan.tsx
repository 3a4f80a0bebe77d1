import { t } from '../app/i18n.ts'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'

interface PlanProps {
  readonly title: Content
  readonly id?: string
  /** A note at the top. */
  readonly note?: Content
  readonly money?: Content
  readonly addresses?: Content
  readonly network?: Content
  /** The bar at the foot: the verb, and "Keep as it is". */
  readonly foot?: Content
}

/** What a change does, always in the same order; "No change" is written, not left out. */
export const Plan = ({ title, id = 'plan', note, money, addresses, network, foot }: PlanProps) => (
  <section class="card plan" id={id} aria-labelledby={`${id}-title`}>
    <div class="card-header">
      <h2 id={`${id}-title`}>{title}</h2>
    </div>
    {note && <div class="card-body">{note}</div>}
    <Part id={`${id}-money`} icon="coin-euro" title={t('Money')}>
      {money}
    </Part>
    <Part id={`${id}-addresses`} icon="network" title={t('Addresses')}>
      {addresses}
    </Part>
    <Part id={`${id}-network`} icon="server" title={t('Network')}>
      {network}
    </Part>
    {foot && <div class="bulk">{foot}</div>}
  </section>
)

const Part = ({ id, icon, title, children }: { id: string; icon: string; title: string; children?: Content }) => (
  <section aria-labelledby={id}>
    <h3 id={id}>
      <Icon name={icon} />
      {title}
    </h3>
    {children ?? <p class="quiet">{t('No change')}</p>}
  </section>
)
