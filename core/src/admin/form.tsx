import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { FieldKind as Kind } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { CoinError, type FieldError } from '../errors.ts'
import { type Content, errorOf, Field, type FieldKind, Form, type Html, type Option, sitePath } from '../ui/index.ts'
import { timeZone } from '../ui/intl.ts'
import type { LoadedField } from './fields.ts'
import { type Raw, splitValues } from './parse-input.ts'

const kinds: Readonly<Record<Kind, FieldKind>> = {
  text: 'text',
  textarea: 'textarea',
  email: 'email',
  date: 'date',
  datetime: 'datetime',
  integer: 'number',
  decimal: 'number',
  money: 'money',
  boolean: 'checkbox',
  choice: 'select',
  reference: 'select',
  address: 'address',
  prefix: 'address',
}
/** As many choices stand as radio buttons. */
const fewChoices = 4

/** The fields of a form: stored or typed values, and what is wrong with them. Their labels, hints and controls come from the declarations. */
export const formFor = (
  fields: readonly LoadedField[],
  values: Readonly<Record<string, unknown>>,
  errors: readonly FieldError[] = [],
): Html => (
  <>
    {fields.map(field => (
      <Control field={field} value={values[field.name]} error={errorOf(errors, field.name)} />
    ))}
  </>
)

function Control({ field, value, error }: { field: LoadedField; value: unknown; error: string | undefined }) {
  const options = field.choices?.map(
    (choice): Option => ({ value: choice.value, label: t(choice.label), ...(choice.help && { hint: t(choice.help) }) }),
  )
  if (field.control)
    return field.control({
      name: field.name,
      label: t(field.label),
      help: field.help && t(field.help),
      values: valuesOf(value),
      choices: field.choices ?? [],
      error,
    })
  const radios = options && field.required && field.kind === 'choice' && options.length <= fewChoices
  const hint = field.secret ? t('Leave it empty to keep what is there.') : field.help && t(field.help)
  return (
    <Field
      name={field.name}
      label={t(field.label)}
      kind={
        field.secret
          ? 'password'
          : field.many && options
            ? 'checkboxes'
            : field.lookup
              ? 'text'
              : radios
                ? 'choice'
                : options
                  ? 'select'
                  : kinds[field.kind]
      }
      value={field.secret ? '' : field.many && options ? valuesOf(value) : inputValue(field, value)}
      hint={hint}
      error={error}
      optional={!field.required && field.kind !== 'boolean' && !hasDefault(field)}
      options={options}
      {...(field.unit && { unit: t(field.unit) })}
      {...(field.lookup && lookup(field))}
      {...(field.kind === 'decimal' && { attributes: { inputmode: 'decimal' } })}
    />
  )
}

/** What has a value from the start is not marked as optional. */
const hasDefault = ({ column, choices }: LoadedField) =>
  (column?.notNull && column.default !== undefined && column.default !== '' && typeof column.default !== 'object') ||
  choices?.some(choice => choice.value === '') === true

/** Without scripts one types what the resource's `find` understands; with them, choices come while one types. */
function lookup(field: LoadedField) {
  const resource = currentScope().registry.resources.get(field.reference ?? '')?.resource
  if (!resource) return {}
  return {
    suggestions: [],
    autocomplete: 'off',
    attributes: {
      'hx-get': `${sitePath(`/admin/${resource.plural}/choices`)}?field=${encodeURIComponent(field.name)}`,
      'hx-trigger': 'input delay:250ms',
      'hx-target': `#${field.name}-list`,
      'hx-swap': 'innerHTML',
    },
  }
}

/** The values of a field that has several: stored, or typed one after another. */
const valuesOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : splitValues(String(value ?? '')))

/** A stored value as it is typed; what was typed is given back as it is. */
function inputValue(field: LoadedField, value: unknown): string | boolean {
  if (value === null || value === undefined) return ''
  if (field.kind === 'boolean') return value === true || value === 'true' || value === 'on'
  if (field.kind === 'datetime' && (value instanceof Date || /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:/.test(String(value)))) {
    const instant = Temporal.Instant.fromEpochMilliseconds(new Date(value as string | Date).getTime())
    return instant.toZonedDateTimeISO(timeZone()).toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')
  }
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  // nobody's private key is sent back, whatever field it was pasted into
  if (Array.isArray(value)) return value.join(', ')
  return /-----BEGIN [A-Z ]*PRIVATE KEY/.test(String(value)) ? '' : String(value)
}

interface ResourceFormProps {
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly errors?: readonly FieldError[] | undefined
  readonly action: string
  /** The verb on the button. */
  readonly submit: string
  /** Offers to look at the plan first. */
  readonly review?: boolean | undefined
  readonly cancel?: string | undefined
  /** The version that was seen, and where to go afterwards. */
  readonly hidden?: Readonly<Record<string, string>>
  readonly frame?: 'card' | 'card-body' | 'plain'
  readonly note?: Content
  /** What stands after the fields. */
  readonly below?: Html | undefined
  /** htmx attributes of the form. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** A whole form on some fields, for the generic pages and for those of an app. */
export const ResourceForm = ({ fields, values, errors, below, ...form }: ResourceFormProps) => {
  const { cancel, ...rest } = form
  return (
    <Form {...rest} {...(cancel !== undefined && { cancel })}>
      {formFor(fields, values, errors)}
      {below}
    </Form>
  )
}

/** What was typed into a form made of these fields. */
export async function readForm(
  c: Context,
  fields: readonly { readonly name: string; readonly kind: Kind; readonly many?: boolean | undefined }[],
): Promise<Raw> {
  const body = await c.req.parseBody()
  const several = fields.some(({ many }) => many) ? await c.req.formData() : undefined
  return Object.fromEntries(
    fields.map(({ name, kind, many }) => {
      if (many) return [name, several?.getAll(name).join(', ')]
      const typed = body[name]
      // a box that is not ticked is not sent
      return [name, typeof typed === 'string' ? typed : kind === 'boolean' ? 'false' : undefined]
    }),
  )
}

/** The version that the editor saw, from the form's hidden field. */
export async function readVersion(c: Context): Promise<number | undefined> {
  const { version } = await c.req.parseBody()
  if (version === undefined) return undefined
  if (typeof version === 'string' && /^\d{1,9}$/.test(version)) return Number(version)
  throw new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })
}

/** What a refusal says about the fields of a form, in the language of the page; what concerns none of them concerns the whole. */
export function fieldErrors(error: CoinError, fields: readonly { readonly name: string }[]): FieldError[] {
  const known = new Set(fields.map(({ name }) => name))
  const hint = error.hint ? ` ${t(error.hint, error.values)}` : ''
  const given = error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }]
  return given.map(({ field, message, values = {} }) => ({
    field: known.has(field) ? field : '',
    message: '{{text}}',
    values: { text: t(message, values) + hint },
  }))
}

/** The same errors for the summary at the top: each names its field. */
export const summaryOf = (
  errors: readonly FieldError[],
  fields: readonly { readonly name: string; readonly label: string }[],
): FieldError[] =>
  errors.map(error => {
    const field = fields.find(({ name }) => name === error.field)
    const [label, text] = [field ? t(field.label) : '', t(error.message, error.values)]
    return {
      field: error.field,
      message: '{{text}}',
      values: { text: !label || text.startsWith(label) ? text : t('{{label}}: {{text}}', { label, text }) },
    }
  })

/** Whether a form can show this error and be sent again. */
export const isCorrectable = (error: CoinError): boolean => ['invalid', 'refused', 'conflict'].includes(error.code)
