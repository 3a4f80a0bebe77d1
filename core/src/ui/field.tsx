import { t } from '../app/i18n.ts'
import { asText, type Control, FieldControl } from './field-control.tsx'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'

/** One value to choose. */
export interface Option {
  readonly value: string
  readonly label: Content
  readonly hint?: Content
  readonly disabled?: boolean
}

/** What a field is. Options without a kind become radios when few, else a select. */
export type FieldKind =
  | 'text'
  | 'email'
  | 'tel'
  | 'url'
  | 'password'
  | 'number'
  | 'textarea'
  | 'select'
  | 'choice'
  | 'checkbox'
  | 'checkboxes'
  | 'date'
  | 'datetime'
  | 'money'
  | 'address'
  | 'file'
  | 'hidden'

export interface FieldProps {
  readonly name: string
  readonly label: string
  readonly kind?: FieldKind
  /** What was stored, or what was typed when a form comes back with errors. */
  readonly value?: string | number | boolean | readonly string[] | null | undefined
  readonly hint?: Content
  readonly error?: Content
  /** Marked in the label; a required field is not. */
  readonly optional?: boolean
  readonly options?: readonly Option[] | undefined
  /** Said after the control: `€`, `months`. Money has its own. */
  readonly unit?: string
  /** Offered while one types. */
  readonly suggestions?: readonly string[]
  readonly readonly?: boolean
  readonly disabled?: boolean
  readonly autocomplete?: string
  readonly rows?: number
  readonly placeholder?: string
  /** When two forms of a page have a field of the same name. */
  readonly id?: string
  /** Other attributes of the control, such as `hx-get`. */
  readonly attributes?: Readonly<Record<string, string>>
}

const fewOptions = 5

/** A label, a control, then its error and its hint, both tied to the control. */
export function Field(props: FieldProps) {
  const kind = props.kind ?? (props.options ? (props.options.length <= fewOptions ? 'choice' : 'select') : 'text')
  const id = props.id ?? props.name
  const described = [hasContent(props.error) && `${id}-e`, hasContent(props.hint) && `${id}-h`].filter(Boolean).join(' ') || undefined
  const control: Control = { ...props, kind, id, described }
  if (kind === 'hidden') return <input type="hidden" id={id} name={props.name} value={asText(props.value)} />
  if (kind === 'choice' || kind === 'checkboxes') {
    return (
      <fieldset aria-describedby={described}>
        <legend class="form-label">
          <Label {...props} />
        </legend>
        <FieldControl {...control} />
        <Below {...props} id={id} />
      </fieldset>
    )
  }
  if (kind === 'checkbox') {
    return (
      <div>
        <label class="form-check m-0" for={id}>
          <FieldControl {...control} /> <span>{props.label}</span>
        </label>
        <Below {...props} id={id} />
      </div>
    )
  }
  return (
    <div>
      <label class="form-label" for={id}>
        <Label {...props} />
      </label>
      <FieldControl {...control} />
      <Below {...props} id={id} />
    </div>
  )
}

const hasContent = (content: Content) => content !== undefined && content !== null && content !== false && content !== ''

const Label = ({ label, optional }: { label: string; optional?: boolean }) => (
  <>
    {label}
    {optional && <span class="optional"> {t('(optional)')}</span>}
  </>
)

const Below = ({ id, error, hint }: { id: string; error?: Content; hint?: Content }) => (
  <>
    {hasContent(error) && (
      <p class="error" id={`${id}-e`}>
        <Icon name="alert-circle" />
        <span>{error}</span>
      </p>
    )}
    {hasContent(hint) && (
      <p class="hint" id={`${id}-h`}>
        {hint}
      </p>
    )}
  </>
)
