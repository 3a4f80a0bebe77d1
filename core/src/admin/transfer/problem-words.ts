import { t } from '../../app/i18n.ts'
import type { Registry } from '../../app/registry.ts'
import { withinScope } from '../../app/scope.ts'
import type { RowProblem } from './import-outcome.ts'
import { kindsIn } from './kinds.ts'

/** A problem in the reader's words. */
export interface ToldProblem {
  readonly kind: string
  readonly line: number
  readonly field: string
  readonly text: string
  /** What is wrong, and what to do about it. */
  readonly message: string
}

/** Says what is wrong with rows, in the words of the app of their kind. */
export function tellProblems(registry: Registry, problems: readonly RowProblem[]): ToldProblem[] {
  const kinds = kindsIn(registry)
  return problems.map(({ kind: name, line, field, text = '', message, values, hint }) => {
    const kind = kinds.get(name)
    return withinScope({ app: kind?.app ?? 'coin' }, () => ({
      kind: kind ? t(kind.resource.labelPlural) : name,
      line,
      field: field === 'id' ? t('Id') : field && t(kind?.resource.fields[field]?.label ?? field),
      text,
      message: [t(message, values), hint && t(hint, values)].filter(Boolean).join(' '),
    }))
  })
}
