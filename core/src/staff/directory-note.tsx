import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, Moment, Note, Todo } from '../ui/index.ts'
import { type DirectoryState, directoryState } from './follow-directory.ts'

/** On the page of staff: when the directory was read, and why it was not. */
export async function DirectoryNote() {
  const state = await directoryState(currentScope().db)
  if (!state) return null
  return (
    <Note tone={isWrong(state) ? 'fail' : 'ok'}>
      <p>
        {t('Roles follow the groups of {{url}}.', { url: state.url })}{' '}
        {state.readAt ? (
          <>
            {t('Last read')} <Moment at={state.readAt} relative />
          </>
        ) : (
          t('It was never read.')
        )}
      </p>
      {wordsOf(state).map(words => (
        <p>{words}</p>
      ))}
    </Note>
  )
}

const isWrong = ({ error, unknown }: DirectoryState) => error !== null || unknown.length > 0

const wordsOf = ({ error, unknown }: DirectoryState): string[] => [
  ...(error === null ? [] : [t('Everybody keeps the roles that they have: {{reason}}', { reason: error })]),
  ...(unknown.length === 0 ? [] : [t('The settings name roles that there are not: {{roles}}.', { roles: unknown.join(', ') })]),
]

/** On the first page of staff: what keeps roles from following. */
export async function DirectoryTrouble() {
  const { actor, db } = currentScope()
  if (!mayEverywhere(actor, 'user.view')) return undefined
  const state = await directoryState(db)
  if (!state || !isWrong(state)) return undefined
  const action = (
    <ButtonLink small href={url('staff:people')}>
      {t('Look at it')}
    </ButtonLink>
  )
  return (
    <Card title={t('Roles from the directory')} body={false}>
      <Todo items={wordsOf(state).map(text => ({ tone: 'fail' as const, text, action }))} />
    </Card>
  )
}
