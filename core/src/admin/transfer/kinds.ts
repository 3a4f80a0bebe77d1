import type { Registry } from '../../app/registry.ts'
import type { AnyResource, Variant } from '../../app/resource.ts'
import { type Actor, may } from '../../app/scope.ts'
import { CoinError } from '../../errors.ts'
import { plainHeader } from '../../system/text.ts'

/** Every kind of object that a file may be about, by name: the resources, and each kind of those whose rows are of several. */
export function kindsIn(registry: Registry): ReadonlyMap<string, Variant> {
  const all = [...registry.resources.values()].flatMap(({ app, resource }) =>
    resource.variants ? resource.variants(registry) : [{ name: resource.name, app, resource }],
  )
  return new Map(all.map(kind => [kind.name, kind]))
}

/** Whether rows of it may come from files at all. */
export const isImportable = ({ importable, add, change }: AnyResource): boolean => importable !== false && add.length + change.length > 0

/** The kinds that somebody may import rows of. */
export const importableBy = (registry: Registry, actor: Actor): Variant[] =>
  [...kindsIn(registry).values()].filter(({ resource }) => isImportable(resource) && mayImport(resource, actor))

/** Whether somebody may add rows of it or change some; each row is asked about again. */
export const mayImport = ({ name, add, change }: AnyResource, actor: Actor): boolean =>
  (add.length > 0 && may(actor, `${name}.add`)) || (change.length > 0 && may(actor, `${name}.change`))

/** The kind of that name. Throws `not_found`. */
export function kindNamed(registry: Registry, name: string): Variant {
  const found = kindsIn(registry).get(name)
  if (!found) throw new CoinError('not_found', 'There is no kind of object named {{name}}.', { values: { name: name.slice(0, 80) } })
  return found
}

/** The kind that a sheet or a key of a file is called after: by its name, in URLs, or by its label in any language. */
export function kindCalled(registry: Registry, text: string): Variant | undefined {
  const wanted = plainHeader(text)
  const { languages, translator } = registry.translations
  return [...kindsIn(registry).values()].find(({ name, app, resource }) => {
    const { plural, label, labelPlural } = resource
    const said = languages.flatMap(language => [label, labelPlural].map(word => translator(language, app)(word)))
    return [name, plural, ...said].some(word => plainHeader(word) === wanted)
  })
}
