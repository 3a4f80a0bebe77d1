import { sql } from 'drizzle-orm'
import { mayWith } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, formatRelative, Poll, PostButton, State, sitePath, Todo, type TodoItem, toneOf } from '../ui/index.ts'
import { iso, type NetworkStateName, stateNames } from './overview-queries.ts'
import { refusalOf } from './state.ts'
import { labelOf, nextWords, sinceWords, triesWords } from './state-words.ts'

interface CardRow extends Record<string, unknown> {
  readonly id: number
  readonly backend: string
  readonly state: NetworkStateName
  readonly error: string | null
  readonly attempts: number
  readonly since: string
  readonly checked: string | null
  readonly due: string | null
  readonly differences: number
  readonly down: string | null
  readonly down_error: string | null
  readonly probe: string | null
}

/** What the network makes of a subscription's configuration, backend by backend; keeps itself up to date. */
export async function NetworkCard({ subscriptionId }: { readonly subscriptionId: number }) {
  const { db } = currentScope()
  if (!(await mayWith('provisioning.view', 'subscription', subscriptionId))) return undefined
  const { rows: found } = await db.execute<{ id: number }>(sql`SELECT id FROM configuration WHERE subscription_id = ${subscriptionId}`)
  const id = found[0]?.id
  if (id === undefined) return undefined
  const refusal = await refusalOf(db, id)
  const { rows } = await db.execute<CardRow>(sql`
    SELECT s.configuration_id AS id, s.backend, s.state, s.error, s.attempts, ${iso(sql`s.since`)} AS since, ${iso(sql`s.checked_at`)} AS checked, ${iso(sql`s.due_at`)} AS due,
      coalesce(jsonb_array_length(s.difference), 0) AS differences,
      ${iso(sql`d.down_since`)} AS down, d.error AS down_error, ${iso(sql`d.probe_at`)} AS probe
    FROM provisioning_state s LEFT JOIN provisioning_target d USING (backend) WHERE s.configuration_id = ${id} ORDER BY s.backend`)
  const worst = refusal ? 'failed' : stateNames.find(name => rows.some(({ state }) => state === name))
  if (!worst) return undefined
  const back = `/admin/subscriptions/${subscriptionId}`
  const items: TodoItem[] = rows.map(row => ({
    tone: toneOf(row.state),
    text: <About row={row} />,
    action: <Actions row={row} back={back} />,
  }))
  if (refusal)
    items.unshift({
      tone: 'fail',
      text: (
        <>
          <p class="strong">{t('A change made outside of Coin cannot be accepted:')}</p>
          <p class="small fail-text text-break">
            {refusal.message} {refusal.hint}
          </p>
          <p class="small quiet">{formatRelative(refusal.since)}</p>
        </>
      ),
    })
  const bad = rows.filter(({ state }) => state === worst).length
  return (
    <Poll id="network" topic={`configuration:${id}`}>
      <Card
        title={t('On the network')}
        id="on-the-network"
        body={false}
        actions={
          worst === 'in_sync' || refusal || rows.length === 1 ? (
            <State name={worst} />
          ) : (
            <State name={worst}>{t('{{state}}: {{bad}} of {{total}}', { state: t(stateWords[worst]), bad, total: rows.length })}</State>
          )
        }
      >
        <Todo items={items} top />
      </Card>
    </Poll>
  )
}

/** The word of a state, in English: to be translated. */
export const stateWords: Readonly<Record<NetworkStateName, string>> = {
  in_sync: 'In sync',
  pending: 'Pending',
  drifted: 'Drifted',
  failed: 'Failed',
  not_verifiable: 'Not verifiable',
}

function About({ row }: { row: CardRow }) {
  const waits = row.down !== null && row.state !== 'in_sync'
  return (
    <>
      <p>
        <b>{labelOf(row.backend)}</b> <span class="quiet">{t(stateWords[row.state])}</span>
      </p>
      {row.down !== null && (
        <p class="small fail-text text-break">
          {t('{{label}} has not answered {{since}}.', { label: labelOf(row.backend), since: sinceWords(row.down) })} {row.down_error}
        </p>
      )}
      {row.error && row.error !== row.down_error && (
        <p class={row.state === 'failed' ? 'small fail-text text-break' : 'small text-break'}>{row.error}</p>
      )}
      {row.state === 'drifted' && <p class="small">{t('{{count}} values were changed on the target.', { count: row.differences })}</p>}
      <p class="small quiet">
        {row.state === 'in_sync'
          ? row.checked && t('Compared {{when}}.', { when: formatRelative(row.checked) })
          : waits
            ? [sinceWords(row.since), nextWords(row.probe)].filter(Boolean).join(', ')
            : triesWords(row.attempts, row.since, row.due)}
        {row.state !== 'in_sync' && row.checked && ` · ${t('Compared {{when}}.', { when: formatRelative(row.checked) })}`}
      </p>
    </>
  )
}

function Actions({ row, back }: { row: CardRow; back: string }) {
  const { actor } = currentScope()
  return (
    <div class="row-flex">
      {row.state !== 'in_sync' && mayEverywhere(actor, 'provisioning.retry') && (
        <PostButton
          small
          icon="refresh"
          action={url('provisioning:retry', { backend: row.backend })}
          fields={{ configuration: String(row.id), back: sitePath(back).slice(currentScope().basePath.length) }}
          target="network"
        >
          {row.state === 'drifted' ? t('Put right') : t('Retry')}
          <span class="visually-hidden"> {labelOf(row.backend)}</span>
        </PostButton>
      )}
      <ButtonLink small kind="plain" href={url('provisioning:compare', { backend: row.backend, id: row.id })}>
        {t('Compare')}
        <span class="visually-hidden"> {labelOf(row.backend)}</span>
      </ButtonLink>
    </div>
  )
}
