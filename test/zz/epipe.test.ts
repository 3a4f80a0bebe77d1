import { appendFileSync, mkdtempSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { createHook } from 'node:async_hooks'
import { beforeAll } from 'vitest'
import { conformance } from 'coin/testing'
import radioApp from '../../docs/extending/radio/index.tsx'
import { radio } from '../../docs/extending/radio/tables.ts'
Error.stackTraceLimit = 25
const stacks = new WeakMap<object, string>()
createHook({ init(_id, type, _trigger, resource) { if (type === 'PROMISE') stacks.set(resource, new Error('made').stack ?? '') } }).enable()
beforeAll(() => {
  process.on('unhandledRejection', (reason, promise) => appendFileSync('/tmp/epipe.log', `UNHANDLED ${(reason as Error)?.stack}\n${stacks.get(promise as object)}\n\n`))
})
const folder = mkdtempSync('/tmp/radio-zz-')
conformance('radio_routes', { apps: () => [radioApp({ routesFolder: folder })], table: radio, pools: ['192.0.2.0/24'],
  values: n => ({ mac: `02:00:5e:10:00:${n.toString(16).padStart(2, '0')}` }), change: { endpoint: '192.0.2.254' },
  edit: file => appendFile(file, 'route 0.0.0.0/0 via 203.0.113.1;\n') })
