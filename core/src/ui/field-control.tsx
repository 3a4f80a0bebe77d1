import { t } from '../app/i18n.ts'
import type { FieldKind, FieldProps } from './field.tsx'
import { currencySymbol, formatDateInput } from './format.ts'
import { classes } from './html.ts'

/** A field with its kind and ids settled. */
export interface Control extends FieldProps {
  readonly kind: FieldKind
  readonly id: string
  /** The ids of its error and hint. */
  readonly described: string | undefined
}

/** The control of a field, without label, error and hint. */
export function FieldControl(control: Control) {
  switch (control.kind) {
    case 'textarea':
      return (
        <textarea class="form-control" rows={control.rows ?? 4} placeholder={control.placeholder} {...common(control)}>
          {asText(control.value)}
        </textarea>
      )
    case 'select':
      return <Select {...control} />
    case 'choice':
    case 'checkboxes':
      return <Choices {...control} />
    case 'checkbox':
      return <input class="form-check-input" type="checkbox" value="true" checked={isOn(control.value)} {...common(control)} />
    case 'money':
      return <WithUnit {...control} unit={control.unit ?? currencySymbol()} />
    default:
      return control.unit ? <WithUnit {...control} /> : <Input {...control} />
  }
}

/** What a checkbox sends, or a stored boolean. */
const isOn = (value: FieldProps['value']) => value === true || value === 'true' || value === 'on'

const common = (control: Control) => ({
  id: control.id,
  name: control.name,
  readonly: control.readonly ? true : undefined,
  disabled: control.disabled ? true : undefined,
  autocomplete: control.autocomplete,
  'aria-invalid': control.error ? 'true' : undefined,
  'aria-describedby': control.described,
  ...control.attributes,
})

const inputTypes: Partial<Record<FieldKind, string>> = { email: 'email', tel: 'tel', url: 'url', password: 'password', file: 'file' }

function Input(control: Control) {
  const { kind, id, suggestions } = control
  const figures = kind === 'number' || kind === 'money'
  const list = suggestions && `${id}-list`
  return (
    <>
      <input
        class={classes(
          'form-control',
          figures && 'num',
          kind === 'address' && 'addr',
          (figures || kind === 'date' || kind === 'datetime') && 'short',
        )}
        type={inputTypes[kind] ?? 'text'}
        inputmode={kind === 'money' ? 'decimal' : kind === 'number' ? 'numeric' : undefined}
        value={
          kind === 'password' || kind === 'file'
            ? undefined
            : kind === 'date'
              ? formatDateInput(asText(control.value))
              : asText(control.value)
        }
        list={list}
        placeholder={control.placeholder}
        {...common(control)}
        autocomplete={control.autocomplete ?? (kind === 'date' || kind === 'address' ? 'off' : undefined)}
      />
      {suggestions && (
        <datalist id={list}>
          {suggestions.map(suggestion => (
            <option value={suggestion} />
          ))}
        </datalist>
      )}
    </>
  )
}

const WithUnit = (control: Control) => (
  <div class="with-unit">
    <Input {...control} />
    <span>{control.unit}</span>
  </div>
)

function Select(control: Control) {
  const chosen = asText(control.value)
  return (
    <select class="form-select" {...common(control)}>
      {(control.optional || chosen === '') && !control.options?.some(option => option.value === '') && (
        <option value="">{control.optional ? '–' : t('Choose')}</option>
      )}
      {control.options?.map(option => (
        <option value={option.value} selected={option.value === chosen} disabled={option.disabled ? true : undefined}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

/** The first one bears the field's id, so that the error summary can lead there. */
function Choices(control: Control) {
  const chosen = Array.isArray(control.value) ? control.value : [asText(control.value)]
  const { id, described: _, ...rest } = control
  return (
    <>
      {control.options?.map((option, index) => (
        <label class="choice">
          <input
            class="form-check-input"
            type={control.kind === 'choice' ? 'radio' : 'checkbox'}
            value={option.value}
            checked={chosen.includes(option.value)}
            {...common({ ...rest, id: index === 0 ? id : `${id}-${index + 1}`, described: undefined })}
            disabled={control.disabled || option.disabled ? true : undefined}
          />
          <span>
            {option.label}
            {option.hint && <span class="hint d-block m-0">{option.hint}</span>}
          </span>
        </label>
      ))}
    </>
  )
}

/** What a control shows for a stored value. */
export const asText = (value: FieldProps['value']): string => (value === null || value === undefined ? '' : String(value))
