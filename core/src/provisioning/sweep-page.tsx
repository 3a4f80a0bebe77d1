import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { Confirm, Empty, Note, Table } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { backendOf, confirmSweep, installedBackend } from './actions.ts'
import { BackendFrame, summaryOf } from './backend-page.tsx'
import { type SweepRow, sweepsOf } from './overview-queries.ts'
import { labelOf } from './state-words.ts'
import { askedBy, foundWords, isUnderWay, messageWords, SweepProgress, SweepState, whenWords } from './sweep-words.tsx'

const heals = { all: 'Puts everything right', configurations: 'Puts configurations right, orphans wait', none: 'Only looks' } as const

/** The last comparisons of a target. */
export const sweepsPage: View = {
  path: '/admin/provisioning/:backend/sweeps',
  access: 'provisioning.view',
  async get(c) {
    const summary = await summaryOf(backendOf(c))
    const rows = await sweepsOf(currentScope().db, summary.backend)
    return (
      <BackendFrame summary={summary} current="sweeps">
        {isUnderWay(rows[0]) && (
          <section class="card" aria-label={t('Running')}>
            <div class="card-body">
              <SweepProgress sweep={rows[0]} label={summary.label} />
            </div>
          </section>
        )}
        <section class="card" aria-label={t('Comparisons')}>
          <Table<SweepRow>
            top
            caption={t('The last comparisons, newest first')}
            rows={rows}
            empty={
              <Empty title={t('Never compared as a whole.')} icon="git-compare">
                {t('A comparison reads the whole target and finds what was changed by hand, what is missing, and what nothing explains.')}
              </Empty>
            }
            columns={[
              { key: 'when', label: t('When'), render: whenWords, sub: askedBy },
              {
                key: 'found',
                label: t('What it found'),
                render: row => (isUnderWay(row) ? '' : row.status === 'failed' ? messageWords(row) : foundWords(row)),
                sub: row => (row.status === 'asks' ? messageWords(row) : undefined),
              },
              {
                key: 'heal',
                label: t('What it may do'),
                wide: true,
                render: row => t(heals[row.heal]),
                sub: row => (row.confirmed ? t('Confirmed by a person') : undefined),
              },
              { key: 'status', label: t('State'), align: 'end', render: row => <SweepState sweep={row} /> },
            ]}
          />
        </section>
      </BackendFrame>
    )
  },
}

/** The last step before a comparison that removes much. */
export const confirmPage: View = {
  path: '/admin/provisioning/:backend/go-ahead',
  access: 'provisioning.remove',
  async get(c) {
    const backend = installedBackend(c)
    const [last] = await sweepsOf(currentScope().db, backend, 1)
    const overview = url('provisioning:overview')
    if (last?.status !== 'asks') return redirectTo(c, overview, t('This comparison does not ask anything any more.'))
    const label = labelOf(backend)
    return (
      <Confirm
        title={t('Go ahead with {{label}}?', { label })}
        crumbs={[{ label: t('On the network'), href: overview }]}
        action={url('provisioning:confirm', { backend })}
        submit={t('Go ahead')}
        back={overview}
      >
        <Note tone="drift">{messageWords(last)}</Note>
        <p>{t('The comparison of {{when}} found: {{found}}.', { when: whenWords(last), found: foundWords(last) })}</p>
        <p>{t('It is compared once more, and what then should not be there is removed, however much it is.')}</p>
      </Confirm>
    )
  },
  post: confirmSweep,
}
