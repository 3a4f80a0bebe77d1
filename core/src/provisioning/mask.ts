import type { AnyBackend, Difference, Json } from '../app/backend.ts'
import { storable } from '../db/storable.ts'
import { longest } from './messages.ts'

/** Stands for a value that nobody is shown. */
export const masked = '•••'

/** Differences without the values of secrets: that one differs is shown, not what it is. */
export const maskDifferences = ({ spec }: AnyBackend, found: readonly Difference[]): Difference[] =>
  found.map(({ path, from, to }) => {
    const secret = spec.secrets?.some(name => path === name || path.startsWith(`${name}.`))
    return secret
      ? { path, from: from === undefined ? undefined : masked, to: to === undefined ? undefined : masked }
      : { path, from: maskIn(spec.secrets, from), to: maskIn(spec.secrets, to) }
  })

/** A whole value without its secrets. */
export const maskValue = ({ spec }: AnyBackend, value: Json): Json => maskIn(spec.secrets, value) ?? null

function maskIn(secrets: readonly string[] | undefined, value: Json | undefined): Json | undefined {
  if (!secrets?.length || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, secrets.includes(name) ? masked : (inner as Json)]))
}

/** A message without the secrets of `values`, should a target have repeated them. */
export function withoutSecrets({ spec }: AnyBackend, message: string, values: readonly (Json | undefined)[]): string {
  if (!spec.secrets?.length) return message
  const found = values.flatMap(value =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (spec.secrets ?? []).flatMap(name => textsIn((value as { readonly [key: string]: Json })[name]))
      : [],
  )
  // as it is and as a message in one line has it; the longest first, should one be the beginning of another
  const hidden = [...new Set(found.flatMap(secret => [secret, storable(secret), ...secret.split('\n').map(storable).filter(isLong)]))]
    .filter(secret => secret !== '')
    .sort((a, b) => b.length - a.length)
  const wasCut = message.length >= longest
  return hidden.reduce((text, secret) => {
    const shown = text.replaceAll(secret, masked)
    return wasCut ? withoutBeginning(shown, secret) : shown
  }, message)
}

const isLong = (line: string) => line.length >= 8

/** Without a beginning of the secret at the end, where a message was cut. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length, text.length) - 1; length >= 4; length--)
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + masked
  return text
}

/** Every text in a value that is long enough to be recognised. */
function textsIn(value: Json | undefined): string[] {
  if (typeof value === 'string' || typeof value === 'number') return String(value).length >= 4 ? [String(value)] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
