/** What `@peculiar/x509` keeps about its classes, by class and key. */
const kept = new WeakMap<object, Map<unknown, unknown>>()

const of = (target: object): Map<unknown, unknown> => {
  const known = kept.get(target) ?? new Map()
  kept.set(target, known)
  return known
}

function find(key: unknown, target: object): unknown {
  for (let at: object | null = target; at; at = Object.getPrototypeOf(at)) if (kept.get(at)?.has(key)) return kept.get(at)?.get(key)
  return undefined
}

/**
 * The part of the withdrawn ECMAScript proposal on metadata that `@peculiar/x509` insists on when it is loaded. Leaves a full
 * implementation alone.
 */
export function provideMetadata(): void {
  if ('getMetadata' in Reflect) return
  Object.assign(Reflect, {
    defineMetadata: (key: unknown, value: unknown, target: object) => void of(target).set(key, value),
    metadata: (key: unknown, value: unknown) => (target: object) => void of(target).set(key, value),
    getMetadata: find,
    getOwnMetadata: (key: unknown, target: object) => kept.get(target)?.get(key),
    hasMetadata: (key: unknown, target: object) => find(key, target) !== undefined,
    hasOwnMetadata: (key: unknown, target: object) => kept.get(target)?.has(key) ?? false,
  })
}
