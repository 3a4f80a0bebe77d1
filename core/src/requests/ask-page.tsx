import type { LoadedField } from '../admin/fields.ts'
import { formFor, summaryOf } from '../admin/form.tsx'
import { t } from '../app/i18n.ts'
import { withinScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { ButtonLink, Cols, Dot, errorOf, Field, Form, type Html, Page, Stack, Unseen } from '../ui/index.ts'
import { kindIfAny, kindLabel } from './kinds.ts'

const crumbs = () => [{ label: t('My requests'), href: url('request:list') }]

interface Askable {
  readonly name: string
  readonly icon: string | undefined
  readonly app: string
}

/** What members may ask for, one below another. */
export const ChoosePage = ({ kinds }: { kinds: readonly Askable[] }) => (
  <Page title={t('What do you want to ask for?')} crumbs={crumbs()}>
    <section class="card">
      <ul class="todo brief">
        {kinds.map(({ name, icon, app }) => (
          <li>
            <Dot tone="none" icon={icon ?? 'message'} />
            <div>
              <b>
                <a href={url('request:asking', { kind: name })}>{kindLabel(name)}</a>
              </b>
              <span class="quiet d-block small">{withinScope({ app }, () => t(kindIfAny(name)?.kind.help ?? ''))}</span>
            </div>
            <ButtonLink small href={url('request:asking', { kind: name })}>
              {t('Ask')}
              <Unseen> {kindLabel(name)}</Unseen>
            </ButtonLink>
          </li>
        ))}
      </ul>
    </section>
  </Page>
)

interface AskPageProps {
  readonly kind: string
  readonly title: string
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly message: string
  readonly needsMessage: boolean
  /** What one has to know before. */
  readonly beside: Html | undefined
  readonly errors: readonly FieldError[]
}

/** The form of one kind of request. */
export function AskPage({ kind, title, fields, values, message, needsMessage, beside, errors }: AskPageProps) {
  const form = (
    <Form action={url('request:asking', { kind })} submit={t('Send the request')} cancel={url('request:list')}>
      {formFor(fields, values, errors)}
      <Field
        name="message"
        kind="textarea"
        rows={5}
        label={t('Message')}
        value={message}
        optional={!needsMessage}
        error={errorOf(errors, 'message')}
      />
    </Form>
  )
  return (
    <Page title={title} crumbs={crumbs()} errors={summaryOf(errors, fields)}>
      {beside ? (
        <Cols wideLeft>
          <Stack side>{beside}</Stack>
          {form}
        </Cols>
      ) : (
        form
      )}
    </Page>
  )
}
