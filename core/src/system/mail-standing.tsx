import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { Moment, PostButton, State } from '../ui/index.ts'
import type { ListedMail } from './mail-list.ts'

type Standing = Pick<ListedMail, 'id' | 'state' | 'subject' | 'nextAttemptAt' | 'sentAt'>

/** Sent, waiting, or failed; and when it is tried again. */
export const MailStanding = ({ mail: { state, nextAttemptAt, sentAt } }: { mail: Standing }) => {
  if (state === 'sent')
    return (
      <>
        <State tone="ok">{t('Sent')}</State>
        {sentAt !== null && (
          <span class="sub">
            <Moment at={sentAt} />
          </span>
        )}
      </>
    )
  if (state === 'waiting') return <State tone="wait">{t('Waiting')}</State>
  return (
    <>
      <State name="failed" />
      <span class="sub">
        {nextAttemptAt === null ? (
          t('Not tried again by itself')
        ) : (
          <>
            {t('Next try:')} <Moment at={nextAttemptAt} />
          </>
        )}
      </span>
    </>
  )
}

/** Has a mail that failed tried again, for those who may. */
export const RetryMail = ({ mail: { id, state, subject }, small }: { mail: Standing; small?: boolean }) =>
  state === 'failed' && mayEverywhere(currentScope().actor, 'mail.send') ? (
    <PostButton action={url('system:retry_mails')} fields={{ id: String(id) }} icon="refresh" {...(small && { small })}>
      {t('Try again')}
      <span class="visually-hidden">: {subject}</span>
    </PostButton>
  ) : null
