import { t } from '../../app/i18n.ts'
import type { ChangePlan, Moved } from '../../app/plan.ts'
import type { Registry } from '../../app/registry.ts'
import type { AnyResource, Input, Row } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import { Card, CardBody, Note, Page, Plan, Stack, Stats, Table } from '../../ui/index.ts'
import type { ToldEntry } from '../history.ts'
import { movedWords } from '../plan.ts'
import { PlannedBills } from '../plan-money.tsx'
import { PlannedAddresses, PlannedNetwork } from '../plan-network.tsx'
import { crumbsOf, pathOf } from '../row-pages.tsx'
import { tellInput } from '../tell-input.ts'
import { Changes } from '../timeline.tsx'
import { bulkPath, HiddenChoice } from './bulk-choice.tsx'
import { bulkFields } from './bulk-fields.ts'
import type { SentBulk } from './bulk-page.tsx'
import type { BulkOutcome, RefusedRow } from './bulk-write.ts'

interface BulkPlanProps {
  readonly resource: AnyResource
  readonly registry: Registry
  readonly sent: SentBulk
  readonly values: Input | undefined
  readonly outcome: BulkOutcome
  readonly plan: ChangePlan | undefined
  /** So many rows that bills and network are not looked at. */
  readonly tooMany: boolean
  readonly consequences: readonly string[]
  readonly moved?: readonly Moved[] | undefined
}

/** What would become of chosen rows: to be done as it is shown, or left. */
export async function BulkPlan(props: BulkPlanProps) {
  const { resource, registry, values, outcome, plan, tooMany, consequences, moved } = props
  const count = outcome.changed
  const fields = bulkFields(resource)
  const changes = new Map<number, ToldEntry['changes']>()
  if (values) for (const row of outcome.sample) changes.set(row.id, await tellInput(registry, currentScope().db, fields, values, row))
  return (
    <Page
      title={values ? t('Change {{count}} rows?', { count }) : t('Remove {{count}} rows?', { count })}
      crumbs={crumbsOf(resource)}
      head={<span class="quiet">{t('Nothing has changed yet.')}</span>}
    >
      <Stack>
        {moved && (
          <Note tone="drift" live>
            <p>
              <b>{t('The world has moved since: {{what}}.', { what: movedWords(moved) })}</b>{' '}
              {t('Nothing was done. This is what it would do now.')}
            </p>
          </Note>
        )}
        <Stats
          items={[
            { label: values ? t('To change') : t('To remove'), value: String(count) },
            ...(values ? [{ label: t('The same'), value: String(outcome.same), note: t('have these values already') }] : []),
            { label: t('Refused'), value: String(outcome.refused.length), bad: outcome.refused.length > 0 },
          ]}
        />
        <Decide {...props} />
        {consequences.length > 0 && (
          <Card title={t('What happens')}>
            <ul class="m-0">
              {consequences.map(sentence => (
                <li>{sentence}</li>
              ))}
            </ul>
          </Card>
        )}
        {outcome.refused.length > 0 && <Refused outcome={outcome} />}
        {plan && (
          <Plan
            title={t('Bills, addresses and network')}
            money={plan.money.length > 0 ? <PlannedBills money={plan.money} /> : undefined}
            addresses={plan.addresses.length > 0 ? <PlannedAddresses addresses={plan.addresses} /> : undefined}
            network={plan.network.length > 0 ? <PlannedNetwork effects={plan.network} /> : undefined}
          />
        )}
        {tooMany && (
          <Note tone="wait">
            {t('For so many rows it is not worked out what happens to bills, addresses and the network. Choose fewer to see it.')}
          </Note>
        )}
        {outcome.sample.length > 0 && <Sample resource={resource} outcome={outcome} changes={changes} />}
      </Stack>
    </Page>
  )
}

function Decide({ resource, sent, values, outcome, plan }: BulkPlanProps) {
  const possible = outcome.refused.length === 0 && outcome.changed > 0
  return (
    <Card title={t('Your change')}>
      <p>{decision(possible, outcome)}</p>
      <form class="actions" method="post" action={bulkPath(resource)}>
        <HiddenChoice sent={sent} />
        {sent.set.map(name => (
          <input type="hidden" name="set" value={name} />
        ))}
        {Object.entries(sent.raw).map(([name, text]) => (
          <input type="hidden" name={`to.${name}`} value={text} />
        ))}
        {plan && <input type="hidden" name="planned" value={plan.hash} />}
        {possible && (
          <button class={`btn btn-${values ? 'primary' : 'danger'}`} type="submit" name="digest" value={outcome.digest}>
            {values ? t('Change them') : t('Remove them')}
          </button>
        )}
        {values && (
          <button class="btn" type="submit" name="again" value="yes">
            {t('Edit')}
          </button>
        )}
        <a class="btn" href={pathOf(resource)}>
          {t('Keep as it is')}
        </a>
      </form>
    </Card>
  )
}

function decision(possible: boolean, { refused }: BulkOutcome): string {
  if (possible) return t('This can be done: all of them together, or none.')
  if (refused.length > 0) return t('It cannot be done while a row is refused. Leave those rows out, or mend what is said about them.')
  return t('There is nothing to do.')
}

const Refused = ({ outcome: { refused, more } }: { outcome: BulkOutcome }) => (
  <Card title={t('Refused')} body={false}>
    {more && (
      <CardBody>
        <Note tone="wait">{t('There are more: nobody looked on.')}</Note>
      </CardBody>
    )}
    <Table<RefusedRow>
      caption={t('Rows that are refused, and why')}
      rows={refused}
      columns={[
        { key: 'name', label: t('Row'), render: ({ name }) => name },
        {
          key: 'why',
          label: t('Why'),
          render: ({ message, values, hint }) => [t(message, values), hint && t(hint, values)].filter(Boolean).join(' '),
        },
      ]}
    />
  </Card>
)

const Sample = ({
  resource,
  outcome,
  changes,
}: {
  resource: AnyResource
  outcome: BulkOutcome
  changes: ReadonlyMap<number, ToldEntry['changes']>
}) => (
  <Card title={outcome.changed > outcome.sample.length ? t('The first rows') : t('The rows')} body={false}>
    <Table<Row>
      caption={t('The first rows, and what they would do')}
      rows={outcome.sample}
      rowHref={row => pathOf(resource, row.id)}
      columns={[
        { key: 'name', label: t('Row'), render: row => resource.describe(row) },
        ...(changes.size > 0
          ? [{ key: 'changes', label: t('Changes'), render: (row: Row) => <Changes changes={changes.get(row.id) ?? []} /> }]
          : []),
      ]}
    />
  </Card>
)
