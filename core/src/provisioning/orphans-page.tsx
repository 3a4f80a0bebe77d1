import type { Json } from '../app/backend.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { visible } from '../db/storable.ts'
import { Confirm, Empty, formatNumber, formatRelative, KeysetPager, Table, withQuery } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { backendOf, chosenIn, formOf, installedBackend, removeChosen } from './actions.ts'
import { BackendFrame, summaryOf } from './backend-page.tsx'
import { countOrphans, type Orphan, orphansOf } from './orphan-queries.ts'
import { labelOf } from './state-words.ts'
import { valueLines } from './value-lines.ts'

const pageSize = 50

/** What is in a target and is explained by nothing. */
export const orphansPage: View = {
  path: '/admin/provisioning/:backend/orphans',
  access: 'provisioning.view',
  async get(c) {
    const { db, query, actor } = currentScope()
    const summary = await summaryOf(backendOf(c))
    const { backend, installed } = summary
    const after = /^\d{1,15}$/.test(query.get('after') ?? '') ? Number(query.get('after')) : 0
    const found = await orphansOf(db, backend, { after, limit: pageSize + 1 })
    const rows = found.slice(0, pageSize)
    const removes = installed && mayEverywhere(actor, 'provisioning.remove')
    return (
      <BackendFrame summary={summary} current="orphans">
        {rows.length === 0 ? (
          <section class="card">
            <Empty title={t('Nothing is there that should not be')} icon="circle-check">
              {t(
                'What a comparison finds in the target and no configuration explains is listed here. Nothing of it is removed by itself unless the settings say so.',
              )}
            </Empty>
          </section>
        ) : (
          <form class="card" method="post" action={url('provisioning:remove', { backend })}>
            <OrphanTable rows={rows} choose={removes} />
            {removes && (
              <div class="bulk">
                <span class="strong">
                  <output /> {t('chosen')}
                </span>
                <button class="btn" type="submit">
                  {t('Remove…')}
                </button>
                <button class="btn btn-plain" type="submit" name="do" value="all">
                  {t('Remove all {{total}}…', { total: formatNumber(summary.orphans) })}
                </button>
                <span class="push small quiet wide">{t('You will see what it does before it is done.')}</span>
              </div>
            )}
          </form>
        )}
        <KeysetPager
          previous={after > 0 ? withQuery(query, { after: undefined }) : undefined}
          next={found.length > pageSize ? withQuery(query, { after: rows.at(-1)?.id }) : undefined}
          note={t('{{total}} in all', { total: formatNumber(summary.orphans) })}
        />
      </BackendFrame>
    )
  },
}

/** What an entry holds, in one line. */
const textOf = (value: Json) =>
  valueLines('same', value)
    .map(({ text }) => text)
    .join(', ')

const OrphanTable = ({ rows, choose = false }: { rows: readonly Orphan[]; choose?: boolean }) => (
  <Table<Orphan>
    caption={t('Orphans')}
    rows={rows}
    choose={choose ? { value: ({ id }) => id, label: ({ key }) => t('Choose {{name}}', { name: visible(key) }) } : undefined}
    columns={[
      { key: 'key', label: t('Entry'), render: ({ key }) => <span class="text-break">{visible(key)}</span> },
      {
        key: 'value',
        label: t('What it holds'),
        render: ({ value }) => <span class="small text-break">{value === null ? '' : textOf(value)}</span>,
        narrow: ({ found }) => formatRelative(found),
      },
      { key: 'found', label: t('Found'), wide: true, align: 'num', render: ({ found }) => formatRelative(found) },
    ]}
  />
)

/** Shows what is about to be removed; sent once more with `sure`, removes it. */
export const removeView: View = {
  path: '/admin/provisioning/:backend/remove',
  access: 'provisioning.remove',
  async post(c) {
    const backend = installedBackend(c)
    const form = await formOf(c)
    if (form.sure === 'yes') return removeChosen(c, form)
    const { db } = currentScope()
    const here = url('provisioning:orphans', { backend })
    const all = form.do === 'all'
    const ids = all ? [] : chosenIn(form)
    if (!all && ids.length === 0) return redirectTo(c, here, t('Choose at least one.'), 'fail')
    const { count, last } = all ? await countOrphans(db, backend) : { count: ids.length, last: 0 }
    const rows = await orphansOf(db, backend, { ...(!all && { ids }), limit: 100 })
    const label = labelOf(backend)
    return (
      <Confirm
        title={t('Remove {{count}} entries from {{label}}?', { count, label })}
        crumbs={[
          { label: t('On the network'), href: url('provisioning:overview') },
          { label, href: here },
        ]}
        action={url('provisioning:remove', { backend })}
        submit={t('Remove them')}
        back={here}
        hidden={{ sure: 'yes', ...(all ? { all: String(last) } : { id: rows.map(({ id }) => String(id)) }) }}
      >
        <p>{t('They are removed from the target for good. What a configuration has claimed meanwhile stays.')}</p>
        <ul>
          {rows.map(({ key }) => (
            <li class="text-break">{visible(key)}</li>
          ))}
        </ul>
        {count > rows.length && <p class="quiet">{t('and {{count}} more', { count: count - rows.length })}</p>}
      </Confirm>
    )
  },
}
