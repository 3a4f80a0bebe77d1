import type { LoadedField } from '../admin/fields.ts'
import { formFor, summaryOf } from '../admin/form.tsx'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { Button, Card, Cols, errorOf, Field, Form, Note, Page, Stack, sitePath } from '../ui/index.ts'
import { Conversation } from './conversation.tsx'
import { isOnlyAnswered, kindLabel } from './kinds.ts'
import type { Message } from './queries.ts'
import type { RequestRow } from './tables.ts'
import type { DealStep, Draft } from './templates.ts'

/** What stands in the form: what is proposed, or what was typed. */
export interface Dealing {
  readonly settled: Readonly<Record<string, unknown>>
  readonly subject: string
  readonly text: string
  readonly waiting: boolean
}

interface DealPageProps {
  readonly request: RequestRow
  readonly step: DealStep
  readonly fields: readonly LoadedField[]
  readonly dealing: Dealing
  readonly drafts: readonly Draft[]
  readonly chosen: number | undefined
  /** The language of who is written to. */
  readonly language: string
  readonly messages: readonly Message[]
  readonly planned: boolean
  readonly errors?: readonly FieldError[]
  /** Somebody else was faster. */
  readonly conflict?: boolean
}

/** The form in which staff accept, refuse or answer: what is settled, and what is written to who asked. */
export function DealPage(props: DealPageProps) {
  const { request, step, fields, dealing, language, messages, planned, errors = [], conflict } = props
  const here = sitePath(`/admin/requests/${request.id}`)
  return (
    <Page title={titleOf(step, request.kind)} crumbs={crumbsOf(request)} errors={summaryOf(errors, fields)}>
      <Stack>
        {conflict && (
          <Note tone="drift">
            <a href={here}>{t('See the request as it is now')}</a>
          </Note>
        )}
        <Drafts {...props} />
        <Cols wideLeft>
          <Stack side>
            <Card title={t('What was said')}>
              <Conversation messages={messages} request={request} />
            </Card>
          </Stack>
          <Form
            action={url(`request:${step}`, { id: request.id })}
            submit={verbOf(step, request.kind)}
            review={step === 'accept' && planned}
            cancel={here}
            hidden={{ version: String(request.version) }}
          >
            {formFor(fields, dealing.settled, errors)}
            <p class="hint">{t('{{name}} is written to in {{language}}.', { name: request.asker, language: languageName(language) })}</p>
            <Field name="subject" label={t('Subject')} value={dealing.subject} optional error={errorOf(errors, 'subject')} />
            <Field
              name="text"
              kind="textarea"
              rows={10}
              label={step === 'refuse' ? t('Why') : t('Text')}
              value={dealing.text}
              optional={step === 'accept' && !isOnlyAnswered(request.kind)}
              hint={t('A link to the request and our name are added.')}
              error={errorOf(errors, 'text')}
            />
            {step === 'answer' && (
              <Field
                name="waiting"
                kind="checkbox"
                label={t('I ask back: wait for their answer')}
                value={dealing.waiting}
                hint={t('It leaves the list of what is to be answered until they have written.')}
              />
            )}
          </Form>
        </Cols>
      </Stack>
    </Page>
  )
}

/** Where one is, for the page of the plan too. */
export const crumbsOf = (request: RequestRow) => [
  { label: t('Requests'), href: sitePath('/admin/requests') },
  { label: `${kindLabel(request.kind)} · ${request.asker}`, href: sitePath(`/admin/requests/${request.id}`) },
]

/** What a step is called on its page. */
export function titleOf(step: DealStep, kind: string): string {
  if (step === 'refuse') return t('Refuse the request')
  if (step === 'answer') return t('Answer')
  return isOnlyAnswered(kind) ? t('Answer and close') : t('Accept the request')
}

/** And on its button. */
export function verbOf(step: DealStep, kind: string): string {
  if (step === 'refuse') return t('Refuse')
  if (step === 'answer') return t('Send')
  return isOnlyAnswered(kind) ? t('Answer and close') : t('Accept')
}

const Drafts = ({ request, step, drafts, chosen, language }: DealPageProps) =>
  drafts.length === 0 ? null : (
    <form method="get" action={url(`request:${step}`, { id: request.id })}>
      <div class="row-flex align-items-end">
        <Field
          name="template"
          kind="select"
          label={t('Begin with')}
          value={chosen === undefined ? '' : String(chosen)}
          options={[
            { value: '', label: t('An empty text') },
            ...drafts.map(draft => ({
              value: String(draft.id),
              label: draft.language === language ? draft.name : `${draft.name} (${languageName(draft.language)})`,
            })),
          ]}
        />
        <Button>{t('Take this text')}</Button>
      </div>
    </form>
  )

function languageName(language: string): string {
  return languageNames[language]?.() ?? language.toUpperCase()
}
const languageNames: Readonly<Record<string, () => string>> = { en: () => t('English'), fr: () => t('French') }
