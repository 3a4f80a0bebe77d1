import { t } from '../app/i18n.ts'
import type { AnyResource, Choice, Filter } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { Field, Filters, formatDate, formatMoney, formatNumber, type Html, sitePath, withQuery } from '../ui/index.ts'
import type { ListResult } from './list.ts'
import { type FilterPart, isRange, partsOf } from './list-filter.ts'

interface FiltersProps {
  readonly resource: AnyResource
  readonly result: ListResult
  readonly query: URLSearchParams
}

/** The search field, a chip for each filter that is set, and the form that sets them. */
export function ListFilters({ resource, result, query }: FiltersProps) {
  const filters = Object.entries(result.list.filters ?? {})
  if (filters.length === 0 && !result.list.search) return null
  const names = ['view', 'saved', 'sort', 'size', 'columns']
  const hidden = Object.fromEntries(names.flatMap(name => (query.has(name) ? [[name, query.get(name) ?? '']] : [])))
  return (
    <Filters
      label={t(resource.labelPlural)}
      {...(result.list.search && { search: { label: t(result.list.searchHint ?? 'Search'), value: result.search } })}
      chips={partsOf(result.list.filters ?? {}).flatMap(part => {
        const value = result.filters[part.parameter]
        return value === undefined
          ? []
          : [
              {
                label: t('{{label}}: {{text}}', { label: t(part.filter.label), text: words(part, value, result.choices[part.name]) }),
                removeHref: withQuery(query, { [part.parameter]: undefined }),
              },
            ]
      })}
      hidden={hidden}
    >
      {filters.length > 0 && filters.map(([name, filter]) => fieldOf(name, filter, result))}
    </Filters>
  )
}

/** What a filter asks for, in the reader's words. */
function words({ filter, end }: FilterPart, value: string, choices: readonly Choice[] = []): string {
  switch (filter.kind) {
    case 'date':
      return fromOrTo(end, formatDate(value, 'table'))
    case 'money':
      return fromOrTo(end, formatMoney(value))
    case 'number':
      return fromOrTo(end, formatNumber(Number(value)))
    case 'boolean':
      return value === 'yes' ? t('Yes') : t('No')
    case 'text':
      return value
    default:
      return t(choices.find(choice => choice.value === value)?.label ?? `#${value}`)
  }
}

const fromOrTo = (end: FilterPart['end'], text: string) => (end === 'from' ? t('from {{text}}', { text }) : t('up to {{text}}', { text }))

function fieldOf(name: string, filter: Filter, result: ListResult): Html {
  const value = result.filters[name] ?? ''
  const id = `filter-${name}`
  const label = t(filter.label)
  if (isRange(filter)) return <Range name={name} label={label} kind={filter.kind} values={result.filters} />
  switch (filter.kind) {
    case 'text':
      return <Field name={name} id={id} label={label} value={value} autocomplete="off" />
    case 'reference':
      return <Field name={name} id={id} label={label} value={named(value, result.choices[name])} {...lookup(name, filter.reference)} />
    case 'boolean':
      return <Choose name={name} id={id} label={label} value={value} choices={yesOrNo} />
    default:
      return <Choose name={name} id={id} label={label} value={value} choices={result.choices[name] ?? []} />
  }
}

const yesOrNo: readonly Choice[] = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]

interface ChooseProps {
  readonly name: string
  readonly id: string
  readonly label: string
  readonly value: string
  readonly choices: readonly Choice[]
}

const Choose = ({ choices, ...field }: ChooseProps) => (
  <Field
    {...field}
    kind="select"
    options={[
      { value: '', label: t('Any') },
      ...choices.filter(choice => choice.value !== '').map(choice => ({ value: choice.value, label: t(choice.label) })),
    ]}
  />
)

interface RangeProps {
  readonly name: string
  readonly label: string
  readonly kind: 'date' | 'number' | 'money'
  readonly values: Readonly<Record<string, string>>
}

const Range = ({ name, label, kind, values }: RangeProps) => (
  <fieldset>
    <legend class="form-label">{label}</legend>
    <div class="pair">
      {(['from', 'to'] as const).map(end => (
        <Field
          name={`${name}_${end}`}
          id={`filter-${name}-${end}`}
          label={end === 'from' ? t('From') : t('Up to')}
          kind={kind}
          value={values[`${name}_${end}`] ?? ''}
        />
      ))}
    </div>
  </fieldset>
)

/** As one chooses it: `Amina Berthier #12`. */
const named = (id: string, choices: readonly Choice[] = []) => {
  const label = choices.find(choice => choice.value === id)?.label
  return label === undefined ? id : `${label} #${id}`
}

/** Without scripts one types a number; with them, choices come while one types. */
function lookup(name: string, reference: string) {
  const resource = currentScope().registry.resources.get(reference)?.resource
  if (!resource) return {}
  return {
    suggestions: [],
    autocomplete: 'off',
    attributes: {
      'hx-get': `${sitePath(`/admin/${resource.plural}/choices`)}?field=${encodeURIComponent(name)}`,
      'hx-trigger': 'input delay:250ms',
      'hx-target': `#filter-${name}-list`,
      'hx-swap': 'innerHTML',
    },
  }
}
