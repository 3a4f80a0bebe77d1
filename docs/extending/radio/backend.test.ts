import { mkdtempSync, rmSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { conformance } from 'coin/testing'
import { afterAll } from 'vitest'
import radioApp from './index.tsx'
import { radio } from './tables.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'radio-routes-'))
afterAll(() => rmSync(folder, { recursive: true }))

conformance('radio_routes', {
  apps: () => [radioApp({ routesFolder: folder })],
  table: radio,
  pools: ['192.0.2.0/24'],
  values: n => ({ mac: `02:00:5e:10:00:${n.toString(16).padStart(2, '0')}` }),
  change: { endpoint: '192.0.2.254' },
  edit: file => appendFile(file, 'route 0.0.0.0/0 via 203.0.113.1;\n'),
})
