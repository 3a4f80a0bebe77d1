import { t } from '../app/i18n.ts'
import type { ChangePlan, Moved } from '../app/plan.ts'
import { Card, Cols, type Content, type Crumb, Note, Page, Plan, Stack } from '../ui/index.ts'
import type { ToldEntry } from './history.ts'
import { movedWords } from './plan.ts'
import { PlannedBills } from './plan-money.tsx'
import { PlannedAddresses, PlannedNetwork, touched } from './plan-network.tsx'
import { Changes } from './timeline.tsx'

export interface PlanPageProps {
  /** What would be done: `Change 198.51.100.8/29`. */
  readonly title: string
  readonly crumbs: readonly Crumb[]
  readonly plan: ChangePlan
  /** What is not as it was when the plan was shown before. */
  readonly moved?: readonly Moved[] | undefined
  /** Where the form goes that applies it, and everything that was typed. */
  readonly action: string
  readonly sent: Readonly<Record<string, string>>
  /** The verb on the button. */
  readonly submit: string
  readonly danger?: boolean
  readonly cancel: string
  /** What was typed, against what is stored; `adds`: there was nothing before. */
  readonly changes?: ToldEntry['changes']
  readonly adds?: boolean
  /** There is a form to go back to. */
  readonly editable?: boolean
}

/** What a change would do, to be applied or left: nothing has happened yet. */
export function PlanPage(props: PlanPageProps) {
  const { title, crumbs, plan, moved, changes = [] } = props
  return (
    <Page title={t('Review the change')} crumbs={crumbs} head={<span class="quiet">{t('Nothing has changed yet.')}</span>}>
      <Cols wideLeft>
        <Plan
          title={title}
          note={
            <>
              {moved && <MovedNote moved={moved} />}
              <DoableNote plan={plan} />
            </>
          }
          money={plan.money.length > 0 ? <PlannedBills money={plan.money} /> : undefined}
          addresses={plan.addresses.length > 0 ? <PlannedAddresses addresses={plan.addresses} /> : undefined}
          network={plan.network.length > 0 ? <PlannedNetwork effects={plan.network} /> : undefined}
          foot={<Foot {...props} />}
        />
        {changes.length > 0 ? (
          <Stack>
            <Card title={t('Your change')}>
              <Changes changes={changes} first={props.adds === true} />
            </Card>
          </Stack>
        ) : null}
      </Cols>
    </Page>
  )
}

const MovedNote = ({ moved }: { moved: readonly Moved[] }) => (
  <Note tone="drift" live>
    <p>
      <b>{t('The world has moved since: {{what}}.', { what: movedWords(moved) })}</b> {t('Nothing was done. This is what it would do now.')}
    </p>
  </Note>
)

function DoableNote({ plan: { money, addresses, network } }: { plan: ChangePlan }): Content {
  const what = touched(addresses, network)
  if (network.some(({ state }) => state === 'refused'))
    return (
      <Note tone="drift">
        {t('It can be saved, but a backend cannot work with it.')} {what}
      </Note>
    )
  if (money.some(({ state }) => state === 'refused'))
    return (
      <Note tone="drift">
        {t('It can be saved, but the next run could not bill it.')} {what}
      </Note>
    )
  if (network.some(({ state }) => state === 'unreadable'))
    return (
      <Note tone="wait">
        {t('This can be done, though not every target can be read now.')} {what}
      </Note>
    )
  return (
    <Note tone="ok">
      {t('This can be done.')} {what}
    </Note>
  )
}

const Foot = ({ plan, action, sent, submit, danger, cancel, editable }: PlanPageProps) => (
  <form class="actions" method="post" action={action}>
    {Object.entries(sent).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <input type="hidden" name="coin.planned" value={plan.hash} />
    <button class={`btn btn-${danger ? 'danger' : 'primary'}`} type="submit" name="coin.plan" value="apply">
      {submit}
    </button>
    {editable && (
      <button class="btn" type="submit" name="coin.plan" value="edit">
        {t('Edit')}
      </button>
    )}
    <a class="btn" href={cancel}>
      {t('Keep as it is')}
    </a>
  </form>
)
