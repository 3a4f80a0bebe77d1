import { t } from '../app/i18n.ts'
import type { ControlProps } from '../app/resource.ts'
import { Icon } from '../ui/index.ts'
import { objectPermissions, otherPermissions } from './permission-list.ts'

const columns = [
  ['view', 'See'],
  ['add', 'Add'],
  ['change', 'Change'],
  ['remove', 'Remove'],
] as const

/** The boxes of a role's permissions: kinds of objects by what is done with them, then what apps add. */
export function PermissionBoxes({ name, label, help, values, error }: ControlProps) {
  const chosen = new Set(values)
  return (
    <fieldset id={name} aria-describedby={error ? `${name}-e` : undefined}>
      <legend class="form-label">{label}</legend>
      {error && (
        <p class="error" id={`${name}-e`}>
          <Icon name="alert-circle" />
          <span>{error}</span>
        </p>
      )}
      {help && <p class="hint">{help}</p>}
      <label class="form-check" for={`${name}-*`}>
        <Box name={name} value="*" chosen={chosen} /> <span>{t('Everything, also what comes later')}</span>
      </label>
      <PermissionTable cell={(permission, words) => <Box name={name} value={permission} chosen={chosen} label={words} />} />
      <div class="mt-3">
        {otherPermissions().map(({ value, label: words }) => (
          <label class="form-check" for={`${name}-${value}`}>
            <Box name={name} value={value} chosen={chosen} /> <span>{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

interface BoxProps {
  readonly name: string
  readonly value: string
  readonly chosen: ReadonlySet<string>
  readonly label?: string
}

const Box = ({ name, value, chosen, label }: BoxProps) => (
  <input
    class="form-check-input"
    type="checkbox"
    id={`${name}-${value}`}
    name={name}
    value={value}
    checked={chosen.has(value)}
    aria-label={label}
  />
)

/** Kinds of objects by what is done with them. */
export const PermissionTable = ({ cell }: { cell(permission: string, words: string): unknown }) => (
  <table class="table">
    <caption class="visually-hidden">{t('Permissions by kind of object')}</caption>
    <thead>
      <tr>
        <th scope="col" class="px-1">
          {t('What')}
        </th>
        {columns.map(([, label]) => (
          <th scope="col" class="px-1">
            {t(label)}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {objectPermissions().map(({ label, permissions }) => (
        <tr>
          <th scope="row" class="px-1">
            {label}
          </th>
          {columns.map(([verb, words]) => (
            <td class="px-1">{permissions[verb] && cell(permissions[verb], t('{{what}}: {{deed}}', { what: label, deed: t(words) }))}</td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)
