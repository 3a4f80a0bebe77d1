import type { BackendSummary } from '../provisioning/overview-queries.ts'
import { answers, backendSummaries, refusedChanges, type stateNames } from '../provisioning/overview-queries.ts'
import { foundWords } from '../provisioning/sweep-words.tsx'
import type { CliContext } from './context.ts'
import { print, table } from './output.ts'
import { asks, chosenBackends, differs, moment } from './sync-common.ts'

/** Prints how the network stands. The exit code says whether all of it is as it should be. */
export async function showStatus(context: CliContext, { backend }: { readonly backend?: string }): Promise<void> {
  context.subject = 'sync'
  await context.withCoin(async coin => {
    if (backend !== undefined) chosenBackends(coin.registry, backend)
    const all = await backendSummaries(coin.database.db, coin.registry)
    const shown = backend === undefined ? all : all.filter(one => one.backend === backend)
    const refused = backend === undefined ? await refusedChanges(coin.database.db, 1000) : []
    const value = { backends: shown.map(asJson), refused }
    print(context, value, () => words(shown, refused.length))
    if (shown.some(({ sweep }) => sweep?.status === 'asks')) context.exitCode = asks
    else if (refused.length > 0 || shown.some(isOff)) context.exitCode = differs
  })
}

const isOff = ({ installed, counts, target, orphans, total }: BackendSummary) =>
  installed && (total > counts.in_sync || orphans > 0 || Boolean(target?.down_since))

const asJson = (one: BackendSummary) => {
  const { backend, label, installed, counts, orphans, oldestPending, target, sweep } = one
  return {
    backend,
    label,
    installed,
    counts,
    orphans,
    oldestPending,
    answers: answers(one) ?? null,
    target: target && { downSince: target.down_since, error: target.error, nextTry: target.probe_at },
    sweep,
  }
}

function words(shown: readonly BackendSummary[], refused: number): string {
  if (shown.length === 0) return 'No app brings a backend.'
  const lines = [
    table(
      ['Backend', 'In sync', 'Pending', 'Drifted', 'Failed', 'Not verifiable', 'Orphans', 'Target', 'Last comparison'],
      shown.map(one => [
        one.backend,
        ...(['in_sync', 'pending', 'drifted', 'failed', 'not_verifiable'] as const satisfies readonly (typeof stateNames)[number][]).map(
          state => String(one.counts[state]),
        ),
        String(one.orphans),
        targetWords(one),
        sweepWords(one),
      ]),
    ),
    ...shown.flatMap(({ backend, target }) =>
      target?.down_since ? [`${backend} has not answered since ${moment(target.down_since)}: ${target.error ?? ''}`] : [],
    ),
    ...shown.flatMap(({ backend, sweep }) =>
      sweep?.message && ['asks', 'failed'].includes(sweep.status) ? [`${backend}: ${sweep.message}`] : [],
    ),
    ...(refused > 0 ? [`${refused} changes made outside of Coin were not accepted.`] : []),
  ]
  return lines.join('\n')
}

function targetWords(one: BackendSummary): string {
  if (!one.installed) return 'not installed'
  const answered = answers(one)
  return answered === undefined ? 'not asked yet' : answered ? 'answers' : 'does not answer'
}

const sweepWords = ({ sweep }: BackendSummary) =>
  sweep ? `${sweep.status} ${moment(sweep.asked_at)}${sweep.status === 'done' ? ` (${foundWords(sweep)})` : ''}` : 'never'
