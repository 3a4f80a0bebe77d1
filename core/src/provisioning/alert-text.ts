import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { formatDateTime } from '../ui/format.ts'
import { publicOrigin } from '../web/origin.ts'

/** What fails on one backend. */
export interface Trouble {
  readonly backend: string
  readonly label: string
  /** The whole target does not answer. */
  readonly down?: { readonly since: string; readonly error: string }
  readonly failing?: {
    readonly count: number
    readonly since: string
    /** The most frequent ones. */
    readonly reasons: readonly { readonly error: string; readonly count: number }[]
  }
}

/** A mail that says what fails, backend by backend, with links. */
export const alertText = (troubles: readonly Trouble[]): string =>
  [
    ...troubles.map(aboutBackend),
    t('Coin goes on trying. You are told once when all is well again.'),
    currentScope().registry.providerName,
  ].join('\n\n')

/** A mail that says that it is over. */
export const recoveryText = (since: string): string =>
  [
    t('What failed since {{moment}} is well again: the network is as it should be.', { moment: formatDateTime(since) }),
    publicOrigin() + url('provisioning:overview'),
    currentScope().registry.providerName,
  ].join('\n\n')

const aboutBackend = ({ backend, label, down, failing }: Trouble): string =>
  [
    label,
    down && t('It has not answered since {{moment}}. {{error}}', { moment: formatDateTime(down.since), error: down.error }).trim(),
    failing &&
      t('{{count}} configurations are not as they should be, the oldest since {{moment}}.', {
        count: failing.count,
        moment: formatDateTime(failing.since),
      }),
    ...(failing?.reasons.map(({ error, count }) => `- ${error} (${count})`) ?? []),
    publicOrigin() + url('provisioning:backend', { backend, ...(failing && !down && { state: 'failed' }) }),
  ]
    .filter(Boolean)
    .join('\n')
