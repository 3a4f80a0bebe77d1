import { defineConfig } from '../app/config.ts'
import { createRegistry, type Registry } from '../app/registry.ts'
import { type Scope, withScope } from '../app/scope.ts'
import { openDatabase } from '../db/database.ts'
import type { Html } from './html.ts'

const nobody: Scope['actor'] = { kind: 'nobody', label: 'nobody', roles: [], permissions: new Set() }

/** A registry without apps. */
export const emptyRegistry = (): Registry =>
  createRegistry([], defineConfig({ provider: { name: 'Collines', timeZone: 'Europe/Paris' }, apps: [] }))

const registry = emptyRegistry()
/** Nothing here asks it. */
const { db } = openDatabase('postgres:///nowhere')

/** Runs as a request would, in English for nobody unless told otherwise. */
export const inScope = <R>(part: Partial<Scope>, work: () => R): R =>
  withScope(
    {
      registry,
      db,
      actor: nobody,
      locale: 'en',
      basePath: '',
      path: '/',
      query: new URLSearchParams(),
      app: 'coin',
      fragment: false,
      ...part,
    },
    work,
  )

/** The HTML of a component, rendered in a scope. */
export const render = (build: () => Html, part: Partial<Scope> = {}): Promise<string> =>
  inScope(part, async () => String(await build().toString()))
