import { can } from '../admin/write.ts'
import { systemActor } from '../app/access.ts'
import { t } from '../app/i18n.ts'
import type { Choice } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'

const verbs = ['view', 'add', 'change', 'remove'] as const
type Verb = (typeof verbs)[number]

/** What can be allowed for one kind of object. */
export interface ObjectPermissions {
  readonly label: string
  readonly permissions: Readonly<Partial<Record<Verb, string>>>
}

/** The permissions for kinds of objects, in the words of their apps, in the order of the menu. */
export function objectPermissions(): readonly ObjectPermissions[] {
  const { registry, locale } = currentScope()
  const everything = systemActor('roles')
  return [...registry.resources.values()].map(({ app, resource }) => ({
    label: registry.translations.translator(locale, app)(resource.labelPlural),
    permissions: Object.fromEntries(
      verbs.filter(verb => can(resource, verb, everything) || resource.variants).map(verb => [verb, `${resource.name}.${verb}`]),
    ),
  }))
}

/** The permissions that apps bring beside those for objects, in their words. */
export function otherPermissions(): readonly Choice[] {
  const { registry, locale } = currentScope()
  return registry.apps.flatMap(app =>
    Object.entries(app.contributions.permissions ?? {}).map(([value, label]) => ({
      value,
      label: registry.translations.translator(locale, app.name)(label),
    })),
  )
}

/** Every permission that there is, as choices of a role. */
export const permissionChoices = async (): Promise<readonly Choice[]> => [
  { value: '*', label: t('Everything') },
  ...objectPermissions().flatMap(({ permissions }) => Object.values(permissions).map(value => ({ value, label: value }))),
  ...otherPermissions(),
]
