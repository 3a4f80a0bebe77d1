import { planLines } from '../admin/plan-lines.ts'
import type { AnyBackend, Json } from '../app/backend.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { visible } from '../db/storable.ts'
import { ButtonLink, Card, Diff, Facts, formatMoment, formatNumber, Note, Page, PostButton, Stack, State, sitePath } from '../ui/index.ts'
import { installedBackend, notFound } from './actions.ts'
import { nameOfRow, type StateRow, stateRow } from './backend-queries.ts'
import { backendNamed, type Want, wantOf } from './backends.ts'
import { compare } from './compare.ts'
import { maskDifferences, maskValue, withoutSecrets } from './mask.ts'
import { wordsOf } from './messages.ts'
import { type ReadTarget, readTarget } from './read-target.ts'
import { labelOf, nextWords } from './state-words.ts'
import { valueLines } from './value-lines.ts'

/** What a target holds of one configuration at this moment, against what it should hold. Secrets are masked. */
export const comparePage: View = {
  path: '/admin/provisioning/:backend/compare/:id{-?[0-9]+}',
  access: 'provisioning.view',
  async get(c) {
    const { db, registry, actor } = currentScope()
    const name = installedBackend(c)
    const backend = backendNamed(registry, name)
    const id = Number(c.req.param('id'))
    const row = Number.isSafeInteger(id) ? await stateRow(db, registry, name, id) : undefined
    if (!row || !backend) throw notFound()
    const want = wantOfRow(backend, row)
    const keys = [...new Set([row.key, want.key].filter(key => key !== null && key !== undefined))]
    const read = keys.length > 0 ? await readTarget(registry, backend, keys, c.req.raw.signal) : undefined
    const label = labelOf(name)
    const subscription = row.configuration?.subscription
    return (
      <Page
        title={nameOfRow(registry, row)}
        crumbs={[
          { label: t('On the network'), href: url('provisioning:overview') },
          { label, href: url('provisioning:backend', { backend: name }) },
        ]}
        head={<State name={row.state} />}
        actions={
          <>
            {mayEverywhere(actor, 'provisioning.retry') && (
              <PostButton
                icon="refresh"
                action={url('provisioning:retry', { backend: name })}
                fields={{ configuration: String(row.id), back: currentScope().path }}
              >
                {t('Put right')}
              </PostButton>
            )}
            <ButtonLink href={currentScope().basePath + currentScope().path} icon="git-compare">
              {t('Compare again')}
            </ButtonLink>
          </>
        }
      >
        <Stack>
          <Card title={t('What is there, and what should be')}>
            <Found backend={backend} want={want} read={read} keys={keys} />
          </Card>
          <Card title={t('Its state')}>
            <Facts
              items={[
                { label: t('Backend'), value: label },
                {
                  label: t('Subscription'),
                  value: subscription && <a href={sitePath(`/admin/subscriptions/${subscription.id}`)}>{subscription.reference}</a>,
                },
                { label: t('Member'), value: subscription?.member.displayName },
                { label: t('Where'), value: keys.length > 0 ? visible(keys.join(', ')) : undefined },
                { label: t('Why'), value: row.error },
                { label: t('Since'), value: formatMoment(row.since) },
                { label: t('Attempts'), value: row.attempts > 0 ? formatNumber(row.attempts) : undefined },
                { label: t('Next'), value: nextWords(row.due) || undefined },
              ]}
            />
          </Card>
        </Stack>
      </Page>
    )
  },
}

interface WantOfRow {
  readonly key?: string
  readonly desired?: Json | undefined
  /** Why its app cannot say. */
  readonly error?: string
}

/** Of a configuration that is gone nothing is wanted. */
function wantOfRow(backend: AnyBackend, { configuration }: StateRow): WantOfRow {
  if (!configuration) return {}
  try {
    const want: Want = wantOf(backend, configuration)
    return want
  } catch (error) {
    return { error: wordsOf(error) }
  }
}

interface FoundProps {
  readonly backend: AnyBackend
  readonly want: WantOfRow
  readonly read: ReadTarget | undefined
  readonly keys: readonly string[]
}

function Found({ backend, want, read, keys }: FoundProps) {
  if (want.error !== undefined)
    return <Note tone="fail">{t('What should be there cannot be said: {{reason}}', { reason: want.error })}</Note>
  if (!read) return <Note>{t('Nothing should be there, and nothing is known to be.')}</Note>
  if (!read.ok) {
    return (
      <>
        <Note tone="fail">
          {t('The target cannot be read: {{reason}}', { reason: withoutSecrets(backend, read.error, [want.desired]) })}
        </Note>
        <WouldBe backend={backend} want={want} />
      </>
    )
  }
  return (
    <>
      {keys.map(key => (
        <AtKey
          backend={backend}
          name={key}
          desired={key === want.key ? want.desired : undefined}
          there={read.found.get(key)}
          many={keys.length > 1}
        />
      ))}
    </>
  )
}

interface AtKeyProps {
  readonly backend: AnyBackend
  readonly name: string
  readonly desired: Json | undefined
  readonly there: Json | Error | undefined
  readonly many: boolean
}

function AtKey({ backend, name, desired, there, many }: AtKeyProps) {
  const heading = many && <h3 class="text-break">{visible(name)}</h3>
  if (there instanceof Error) {
    return (
      <>
        {heading}
        <Note tone="fail">{t('It cannot be read: {{reason}}', { reason: withoutSecrets(backend, wordsOf(there), [desired]) })}</Note>
        <WouldBe backend={backend} want={{ desired }} />
      </>
    )
  }
  const found = maskDifferences(backend, compare(backend, desired, there))
  return (
    <>
      {heading}
      {found.length === 0 ? (
        <Note tone="ok">
          {desired === undefined ? t('Nothing should be there, and nothing is.') : t('What is there is what should be.')}
        </Note>
      ) : (
        <>
          <p>
            {there === undefined
              ? t('Nothing is there. This should be:')
              : desired === undefined
                ? t('This should not be there:')
                : t('Taken away: what is there. Added: what should be.')}
          </p>
          <Diff label={t('What differs')} lines={planLines(found)} />
        </>
      )}
    </>
  )
}

const WouldBe = ({ backend, want }: { backend: AnyBackend; want: WantOfRow }) =>
  want.desired === undefined ? (
    <p>{t('Nothing should be there.')}</p>
  ) : (
    <>
      <p>{t('This should be there:')}</p>
      <Diff label={t('What should be there')} lines={valueLines('added', maskValue(backend, want.desired))} />
    </>
  )
