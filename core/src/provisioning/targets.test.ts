import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { type AnyBackend, type BackendIo, defineBackend } from '../app/backend.ts'
import { openTargets, withPatience } from './targets.ts'

const log = { info() {}, warn() {} }

const backend = (opened: BackendIo[], closed: BackendIo[]): AnyBackend =>
  defineBackend('every', {
    name: 'fixture',
    key: () => 'key',
    desired: () => null,
    async open(io) {
      opened.push(io)
      return {
        read: async () => new Map(),
        apply: async () => undefined,
        destroy: async () => undefined,
        close: () => void closed.push(io),
      }
    },
  })

test('calls leave nothing on the signal of a worker, however they end', async () => {
  const { signal } = new AbortController()
  const io = { log, signal }
  await withPatience(io, 10, async () => 'answer')
  await expect(withPatience(io, 10, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  await expect(withPatience(io, 0.01, () => new Promise(() => {}))).rejects.toMatchObject({ code: 'unavailable' })
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('a call is over when the worker stops, and told so', async () => {
  const stopping = new AbortController()
  let inner: AbortSignal | undefined
  const call = withPatience({ log, signal: stopping.signal }, 10, io => {
    inner = io.signal
    return new Promise(() => {})
  })
  stopping.abort()
  await expect(call).rejects.toMatchObject({ code: 'unavailable' })
  expect(inner?.aborted).toBe(true)
})

test('a target that was opened for somebody who has ended is not lent to the next', async () => {
  const [opened, closed]: [BackendIo[], BackendIo[]] = [[], []]
  const targets = openTargets()
  const first = new AbortController()
  const use = (signal: AbortSignal) => targets.use(backend(opened, closed), { log, signal }, 10, async () => {})
  await use(first.signal)
  await use(first.signal)
  expect(opened).toHaveLength(1)
  first.abort()
  await use(new AbortController().signal)
  expect(opened).toHaveLength(2)
  await targets.close()
  expect(closed).toEqual(opened)
})

test('who has been stopped begins no call any more', async () => {
  const stopping = new AbortController()
  stopping.abort()
  let calls = 0
  await expect(withPatience({ log, signal: stopping.signal }, 10, async () => void calls++)).rejects.toMatchObject({ code: 'unavailable' })
  expect(calls).toBe(0)
})
