import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { Moment } from '../ui/index.ts'
import { isOnlyAnswered } from './kinds.ts'
import type { Message } from './queries.ts'
import type { RequestRow } from './tables.ts'

/**
 * What was said, oldest first. Members see who of us is meant by the provider’s name: who wrote is between staff.
 */
export const Conversation = ({ messages, request, own }: { messages: readonly Message[]; request: RequestRow; own?: boolean }) => (
  <ol class="timeline">
    {messages.map(message => (
      <li class={message.state === 'accepted' ? 'ok-mark' : message.state === 'refused' ? 'fail-mark' : undefined}>
        <Moment at={message.at} />
        <br />
        {deed(message, request, own ?? false)}
        {message.text && <p class="pre-line mt-1 mb-0">{message.text}</p>}
      </li>
    ))}
  </ol>
)

function deed({ author, state, writtenBy, text }: Message, { asker, kind }: RequestRow, own: boolean): string {
  if (author === 'note') return t('{{who}} noted, for staff only:', { who: writtenBy })
  if (author === 'member') {
    if (state === 'withdrawn') return own ? t('You withdrew it.') : t('{{who}} withdrew it.', { who: asker })
    if (text === '') return own ? t('You asked.') : t('{{who}} asked.', { who: asker })
    return own ? t('You wrote:') : t('{{who}} wrote:', { who: asker })
  }
  const values = { who: own || !writtenBy ? currentScope().registry.providerName : writtenBy }
  if (state === 'accepted' && !isOnlyAnswered(kind)) return t('{{who}} accepted it.', values)
  if (state === 'refused') return t('{{who}} refused it.', values)
  return state === 'waiting' ? t('{{who}} asked back:', values) : t('{{who}} answered:', values)
}
