import type { App } from '../../app/app.ts'
import type { AnyBackend, Json, Target, Wanted } from '../../app/backend.ts'

export type Kind = 'open' | 'read' | 'apply' | 'destroy' | 'list'

/** A call of a target. */
export interface Call {
  readonly kind: Kind
  readonly keys: readonly string[]
  /** Of `apply`. */
  readonly wanted: readonly Wanted<Json>[]
}

/** Makes the call, with other wishes when they are given. */
type Go = (wanted?: readonly Wanted<Json>[]) => Promise<unknown>

/** Hears of every call of a target, and may stand in its place. */
export interface Control {
  readonly calls: Call[]
  /** What the target's errors say, as it says it. */
  readonly said: string[]
  /** Keys that two calls wrote at the same time. */
  readonly overlaps: string[]
  readonly writing: Map<string, number>
  /** Answers in place of the target. */
  around: ((call: Call, go: Go) => Promise<unknown>) | undefined
}

/** A control that does nothing yet. Several share what is being written, to see that they never write the same. */
export const control = (writing = new Map<string, number>(), overlaps: string[] = []): Control => ({
  calls: [],
  said: [],
  overlaps,
  writing,
  around: undefined,
})

/** The app with its backends of that name under control. */
export function controlled(app: App, name: string, by: Control): App {
  const wrapped = (backend: AnyBackend) => (backend.name === name ? wrap(backend, by) : backend)
  const { backends, configurations } = app.contributions
  return {
    ...app,
    contributions: {
      ...app.contributions,
      ...(backends && { backends: backends.map(wrapped) }),
      ...(configurations && {
        configurations: configurations.map(each =>
          each.spec.backend ? { ...each, spec: { ...each.spec, backend: wrapped(each.spec.backend) } } : each,
        ),
      }),
    },
  }
}

const wrap = (backend: AnyBackend, by: Control): AnyBackend => ({
  ...backend,
  spec: {
    ...backend.spec,
    open: io => during(by, { kind: 'open', keys: [], wanted: [] }, async () => wrapTarget(await backend.spec.open(io), by)),
  },
})

function wrapTarget(target: Target<Json>, by: Control): Target<Json> {
  const { list } = target
  return {
    read: (keys, io) => during(by, { kind: 'read', keys, wanted: [] }, () => target.read(keys, io)),
    apply: (wanted, io) => during(by, { kind: 'apply', keys: keysOf(wanted), wanted }, other => target.apply(other ?? wanted, io)),
    destroy: (keys, io) => during(by, { kind: 'destroy', keys, wanted: [] }, () => target.destroy(keys, io)),
    ...(list && {
      async *list(io) {
        yield* await during(by, { kind: 'list', keys: [], wanted: [] }, async () => list.call(target, io))
      },
    }),
    close: () => target.close?.(),
  }
}

const keysOf = (wanted: readonly Wanted<Json>[]) => wanted.map(({ key }) => key)

async function during<R>(by: Control, call: Call, go: (wanted?: readonly Wanted<Json>[]) => Promise<R>): Promise<R> {
  by.calls.push(call)
  const writes = call.kind === 'apply' || call.kind === 'destroy' ? call.keys : []
  for (const key of writes) {
    const others = by.writing.get(key) ?? 0
    if (others > 0) by.overlaps.push(key)
    by.writing.set(key, others + 1)
  }
  try {
    // whoever stands in its place answers in its form
    const answer = (await (by.around ? by.around(call, go) : go())) as R
    if (answer instanceof Map) for (const value of answer.values()) if (value instanceof Error) by.said.push(words(value))
    return answer
  } catch (error) {
    by.said.push(words(error))
    throw error
  } finally {
    for (const key of writes) by.writing.set(key, (by.writing.get(key) ?? 1) - 1)
  }
}

/** An error's message and those of its causes. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const values = 'values' in error ? JSON.stringify(error.values) : ''
  return [error.message, values, error.cause === undefined ? '' : words(error.cause)].filter(Boolean).join(' ')
}
