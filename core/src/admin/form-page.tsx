import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { FieldError } from '../errors.ts'
import { type Crumb, type Html, Note, Page } from '../ui/index.ts'
import type { LoadedField } from './fields.ts'
import { ResourceForm, summaryOf } from './form.tsx'
import type { ToldEntry } from './history.ts'
import { Changes } from './timeline.tsx'

interface FormPageProps {
  readonly title: string
  readonly crumbs: readonly Crumb[]
  readonly action: string
  readonly submit: string
  readonly review?: boolean | undefined
  readonly cancel: string
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly hidden?: Readonly<Record<string, string>>
  readonly errors?: readonly FieldError[]
  /** What somebody else changed while this was typed. */
  readonly meanwhile?: readonly ToldEntry[] | undefined
  /** Sentences about what the form is filled in with. */
  readonly above?: readonly string[] | undefined
  /** What stands in the form after its fields, and the fields that are there. */
  readonly below?: Html | undefined
  readonly belowFields?: readonly { readonly name: string; readonly label: string }[]
}

/** A page with one form, also when it comes back with what is wrong, or with what changed meanwhile. */
export const FormPage = ({ title, crumbs, meanwhile, above, belowFields = [], errors = [], fields, action, ...form }: FormPageProps) => (
  <Page title={title} crumbs={crumbs} errors={summaryOf(errors, [...fields, ...belowFields])}>
    {above && (
      <Note tone="wait" icon="history">
        {above.map(sentence => (
          <p>{sentence}</p>
        ))}
      </Note>
    )}
    {meanwhile && <Meanwhile entries={meanwhile} restart={action} />}
    <ResourceForm
      fields={fields}
      errors={errors}
      action={action}
      {...form}
      {...(currentScope().fragment && { attributes: inPlace(action) })}
    />
  </Page>
)

/** A form that came in place of something on a page is saved without leaving it. */
const inPlace = (action: string) => ({ 'hx-post': action, 'hx-target': '#main', 'hx-swap': 'innerHTML', 'hx-sync': 'this:drop' })

/** Who changed what, and the two ways on. */
export const Meanwhile = ({ entries, restart }: { entries: readonly ToldEntry[]; restart: string }) => (
  <Note tone="drift">
    {entries.map(entry => (
      <>
        <p>{t('{{actor}} changed this while you were typing:', { actor: entry.actor || t('Somebody') })}</p>
        <Changes changes={entry.changes} />
      </>
    ))}
    <p>
      {t('What you typed is kept below. Saving it again replaces what they wrote.')}{' '}
      <a href={restart}>{t('Start from what is stored now')}</a>
    </p>
  </Note>
)
