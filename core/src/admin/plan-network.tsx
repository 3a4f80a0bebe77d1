import { t } from '../app/i18n.ts'
import type { PlannedAddress, PlannedEffect } from '../app/plan.ts'
import { Address, Diff, type DiffLine, Facts, formatDate, formatRange, Stack, State } from '../ui/index.ts'
import { planLines } from './plan-lines.ts'

/** What may become of a prefix, in the order in which it is told. */
export const addressKinds = [
  ['added', 'Added'],
  ['released', 'Released'],
  ['moved', 'Handed over'],
  ['kept', 'Kept'],
] as const satisfies readonly (readonly [PlannedAddress['kind'], string])[]

/** What becomes of the addresses; undefined when there are none. */
export const PlannedAddresses = ({ addresses }: { addresses: readonly PlannedAddress[] }) => (
  <Facts
    items={addressKinds.map(([kind, label]) => {
      const of = addresses.filter(address => address.kind === kind)
      return (
        of.length > 0 && {
          label: t(label),
          value: kind === 'kept' ? <Prefixes of={of} /> : of.map(address => <OneAddress address={address} />),
        }
      )
    })}
  />
)

const Prefixes = ({ of }: { of: readonly PlannedAddress[] }) =>
  of.map(({ prefix }, n) => (
    <>
      {n > 0 && ', '}
      <Address>{prefix}</Address>
    </>
  ))

const OneAddress = ({ address }: { address: PlannedAddress }) => (
  <div>
    <Address>{address.prefix}</Address> <span class="quiet">{fateOf(address)}</span>
  </div>
)

/** What becomes of one prefix, in words; nothing of one that is kept. */
export function fateOf({ kind, prefix, family, pool, left = 0, restsUntil, between }: PlannedAddress): string {
  const length = prefix.split('/')[1] ?? ''
  if (kind === 'added' && family === 4)
    return t('from {{pool}}; {{count}} addresses will be left', { pool, count: left * 2 ** (32 - Number(length)) })
  if (kind === 'added') return t('from {{pool}}; room for {{count}} more /{{length}}', { pool, count: left, length })
  if (kind === 'moved') return t('from {{from}} to {{to}}', { from: between?.[0] ?? '', to: between?.[1] ?? '' })
  if (kind === 'kept') return ''
  return restsUntil ? t('rests until {{date}}', { date: formatDate(restsUntil) }) : t('is free at once')
}

/** What each backend would do; undefined when none is concerned. */
export const PlannedNetwork = ({ effects }: { effects: readonly PlannedEffect[] }) => (
  <Stack>
    {effects
      .filter(effect => !isSilent(effect, effects))
      .map(effect => (
        <Effect effect={effect} />
      ))}
  </Stack>
)

/** Nothing at once, and something on a day to come: that day says it all. */
const isSilent = (effect: PlannedEffect, all: readonly PlannedEffect[]) =>
  effect.state === 'compared' &&
  effect.differences.length === 0 &&
  all.some(other => other.from !== undefined && other.backend === effect.backend && other.about === effect.about)

function Effect({ effect }: { effect: PlannedEffect }) {
  const { label, about, state, from, until, error } = effect
  const lines = effectLines(effect)
  const changed = countLines(lines)
  return (
    <div>
      <p class="row-flex">
        <b>{label}</b>
        <span class="quiet">{about}</span>
        {state === 'unreadable' && <State tone="fail">{t('Not answering')}</State>}
        {state === 'refused' && <State tone="fail">{t('Cannot be worked out')}</State>}
        <span class="push small quiet">
          {from !== undefined && `${until === undefined ? t('From {{date}}', { date: formatDate(from) }) : formatRange(from, until)} · `}
          {changed > 0 ? t('{{count}} values', { count: changed }) : t('No change')}
        </span>
      </p>
      {changed > 0 && <Diff label={t('Change of {{about}} on {{backend}}', { about, backend: label })} lines={lines} />}
      {state === 'unreadable' && (
        <p class="hint">
          {changed > 0 &&
            t('The target cannot be read now: this is what would be sent. It goes out by itself when {{backend}} answers.', {
              backend: label,
            })}{' '}
          {error && t('It says: {{error}}', { error })}
        </p>
      )}
      {state === 'refused' && <p class="hint">{error}</p>}
    </div>
  )
}

/** Where it lives out there, or from where to where it moves, then what changes there. */
export function effectLines({ key, leaves, differences }: PlannedEffect): DiffLine[] {
  const values = planLines(differences, leaves !== undefined)
  if (leaves === undefined) return values.length > 0 ? [{ kind: 'same', text: key }, ...values] : []
  return differences.length === 0 ? [] : [{ kind: 'removed', text: leaves }, { kind: 'added', text: key }, ...values]
}

/** How many values change: one that is replaced counts once. */
export function countLines(lines: readonly DiffLine[]): number {
  const count = (wanted: DiffLine['kind']) => lines.filter(({ kind }) => kind === wanted).length
  return Math.max(count('added'), count('removed'))
}

/** How many prefixes and backends a plan touches, in words. */
export function touched(addresses: readonly PlannedAddress[], effects: readonly PlannedEffect[]): string {
  const prefixes = addresses.filter(({ kind }) => kind !== 'kept').length
  const backends = new Set(effects.filter(({ differences }) => differences.length > 0).map(({ backend }) => backend)).size
  const subnets = prefixes > 0 && t('{{count}} subnets', { count: prefixes })
  const targets = backends > 0 && t('{{count}} backends', { count: backends })
  if (subnets && targets) return t('It touches {{subnets}} and {{backends}}.', { subnets, backends: targets })
  if (subnets || targets) return t('It touches {{what}}.', { what: subnets || targets || '' })
  return t('It touches neither addresses nor the network.')
}
