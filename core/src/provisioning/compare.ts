import type { AnyBackend, Difference, Json } from '../app/backend.ts'
import { differences } from './differences.ts'

/** Where what is there is not what should be, as the backend sees it; none when they agree. */
export function compare({ spec }: AnyBackend, desired: Json | undefined, observed: Json | undefined): readonly Difference[] {
  if (desired === undefined || observed === undefined) return differences(desired, observed)
  return spec.plan ? spec.plan(desired, observed) : differences(desired, observed)
}
