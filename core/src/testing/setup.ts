import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { defineConfig } from '../app/config.ts'
import { createRegistry } from '../app/registry.ts'
import { coreApps } from '../core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../db/embedded.ts'
import { migrateAll } from '../db/migrate-all.ts'
import { withDatabase } from './database.ts'

/** One PostgreSQL for the whole run, with a migrated template; `COIN_POSTGRES` chooses the version. */
export default async function setup(project: TestProject) {
  const data = mkdtempSync(path.join(tmpdir(), 'coin-test-'))
  const { url } = await ensureEmbedded({ data })
  const admin = new pg.Client({ connectionString: withDatabase(url, 'postgres') })
  await admin.connect()
  await admin.query('CREATE DATABASE coin_template')
  await admin.end()
  const template = withDatabase(url, 'coin_template')
  await migrateAll(template, createRegistry(coreApps(), defineConfig({ apps: [] })))
  project.provide('coinTemplate', template)
  return async () => {
    await removeEmbedded({ data })
    rmSync(data, { recursive: true, force: true })
  }
}
