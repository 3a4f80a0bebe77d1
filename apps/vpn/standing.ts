import { formatDate, formatDateTime, type NetworkState, type StateName, t } from 'coin'
import type { Account } from './account.ts'

/** How an account stands, for its page: a label, and a sentence that says what it means and what to do. */
export interface Standing {
  readonly state: StateName
  /** The label; that of the state unless given. */
  readonly label?: string
  readonly tone: 'ok' | 'wait' | 'drift' | 'fail' | 'none'
  /** Left out when the label says it all. */
  readonly sentence?: string
  /** It changes by itself within seconds. */
  readonly changing?: boolean
}

/** What somebody needs to sign in to the VPN. */
export type Missing = 'password' | 'certificate'

/** How an account stands; `network` is undefined where nothing is pushed, `missing` what its member has to make first. */
export function standingOf(account: Account, network: NetworkState | undefined, missing: Missing | undefined): Standing {
  const { phase, startedOn, resignedOn, suspended } = account.subscription
  if (phase === 'future')
    return { state: 'future', tone: 'none', sentence: t('Your VPN works from {{date}} on.', { date: formatDate(startedOn) }) }
  if (phase === 'ended')
    return { state: 'ended', tone: 'none', sentence: t('Your VPN ended on {{date}}.', { date: formatDate(resignedOn ?? startedOn) }) }
  if (suspended)
    return {
      state: 'suspended',
      tone: 'drift',
      sentence: t('Your VPN is suspended, and so is your subscription. Write to us if you do not know why.'),
    }
  if (!account.activated)
    return {
      state: 'stopped',
      label: t('Switched off'),
      tone: 'drift',
      sentence: t('Your VPN is switched off. Write to us if you do not know why.'),
    }
  const problem = network && network.state !== 'in_sync' ? problemOf(network) : undefined
  if (problem) return problem
  if (missing)
    return {
      state: 'future',
      tone: 'wait',
      label: t('One thing to do'),
      sentence:
        missing === 'password' ? t('Make a password: your VPN is ready for it.') : t('Get a certificate: your VPN is ready for it.'),
    }
  if (!network) return { state: 'active', tone: 'none', label: t('Switched on') }
  return { state: 'works', tone: 'ok', sentence: t('Your VPN is ready, since {{when}}.', { when: formatDateTime(network.since) }) }
}

function problemOf({ state, since, downSince }: NetworkState): Standing {
  if (downSince)
    return {
      state: 'running',
      label: t('A change is on its way'),
      tone: 'wait',
      sentence: t(
        'Your last change does not reach the VPN yet: one of our servers has not answered since {{when}}. We know, and it will go through by itself. You have nothing to do.',
        { when: formatDateTime(downSince) },
      ),
      changing: true,
    }
  if (state === 'pending')
    return {
      state: 'running',
      label: t('A change is on its way'),
      tone: 'wait',
      sentence: t('Your VPN is being set up, since {{when}}. It takes some seconds.', { when: formatDateTime(since) }),
      changing: true,
    }
  return {
    state: 'error',
    label: t('We are on it'),
    tone: 'fail',
    sentence: t('Something went wrong on our side when your VPN was set up, on {{when}}. We know. You have nothing to do.', {
      when: formatDateTime(since),
    }),
  }
}
