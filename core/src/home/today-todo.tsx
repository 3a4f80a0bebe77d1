import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Moment, sitePath, type TodoItem } from '../ui/index.ts'
import type { FailedBackend, PoolLeft, Waiting } from './today-queries.ts'

/** What needs a person: of what the actor may see, because the others were not asked for. */
export function todoItems(waits: Waiting, pools: readonly PoolLeft[], failed: readonly FailedBackend[]): TodoItem[] {
  const full = pools.filter(pool => pool.full)
  const one = waits.unconfigured === 1 ? waits.unconfiguredSome[0] : undefined
  const onlyPending = waits.pending === 1 ? waits.pendingNames[0] : undefined
  return [
    ...failed.map(
      (of): TodoItem => ({
        tone: 'fail',
        text: (
          <>
            <b>
              {of.backend
                ? t('{{count}} configurations failed on {{backend}}.', { count: of.count, backend: of.backend })
                : t('{{count}} changes from outside were not accepted.', { count: of.count })}
            </b>{' '}
            {of.error}{' '}
            <span class="quiet text-nowrap">
              <Moment at={of.since} relative />
            </span>
          </>
        ),
        action: (
          <ButtonLink
            small
            href={of.backend ? url('provisioning:backend', { backend: of.backend, state: 'failed' }) : url('provisioning:overview')}
          >
            {t('See the failures')}
          </ButtonLink>
        ),
      }),
    ),
    ...(waits.failedMails > 0
      ? [
          {
            tone: 'fail',
            icon: 'mail',
            text: <b>{t('{{count}} mails could not be sent.', { count: waits.failedMails })}</b>,
            action: (
              <ButtonLink small href={url('system:mails', { state: 'failed' })}>
                {t('See the mails')}
              </ButtonLink>
            ),
          } satisfies TodoItem,
        ]
      : []),
    ...full.map(
      (pool): TodoItem => ({
        tone: 'drift',
        icon: 'network',
        text: (
          <>
            <b>{t('The pool {{name}} is nearly full.', { name: pool.name })}</b>{' '}
            {t('{{count}} blocks /{{length}} are free.', { count: pool.free, length: pool.length })}
          </>
        ),
        action: (
          <ButtonLink small href={admin('pools', pool.id)}>
            {t('See the pool')}
          </ButtonLink>
        ),
      }),
    ),
    ...(waits.pending > 0
      ? [
          {
            tone: 'wait',
            icon: 'user-plus',
            text: (
              <>
                <b>{t('{{count}} people wait to become members:', { count: waits.pending })}</b> {names(waits.pendingNames, waits.pending)}{' '}
                {waits.pendingSince && (
                  <span class="quiet text-nowrap">
                    <Moment at={waits.pendingSince} relative />
                  </span>
                )}
              </>
            ),
            action: (
              <ButtonLink small href={onlyPending ? admin('members', onlyPending.id) : `${admin('members')}?view=pending`}>
                {t('Answer')}
              </ButtonLink>
            ),
          } satisfies TodoItem,
        ]
      : []),
    ...(waits.unconfigured > 0
      ? [
          {
            tone: 'wait',
            icon: 'settings',
            text: (
              <>
                <b>{t('{{count}} subscriptions have nothing configured yet:', { count: waits.unconfigured })}</b>{' '}
                {names(waits.unconfiguredSome, waits.unconfigured)}
              </>
            ),
            action: (
              <ButtonLink small href={one ? admin('subscriptions', one.id) : admin('subscriptions')}>
                {t('Configure')}
              </ButtonLink>
            ),
          } satisfies TodoItem,
        ]
      : []),
  ]
}

const names = (some: readonly { readonly name: string }[], count: number) =>
  `${some.map(({ name }) => name).join(', ')}${count > some.length ? '…' : '.'}`

const admin = (plural: string, id?: number) => sitePath(`/admin/${plural}${id === undefined ? '' : `/${id}`}`)
