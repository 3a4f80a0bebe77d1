import { getTableConfig } from 'drizzle-orm/pg-core'
import { expect } from 'vitest'
import type { Json } from '../../app/backend.ts'
import type { Check } from './check.ts'
import { isDown } from './faults.ts'
import { rowsWith, type Stage, type Subject } from './stage.ts'

/** The last of them: by now everything has gone wrong once. */
export const secrecy: readonly Check[] = [
  {
    title: 'shows its secrets in no log, no error and no row but the app’s own',
    async run(stage) {
      const subjects = [await stage.add(), await stage.add()]
      await stage.settled()
      const texts = [...(stage.options.secrets ?? []), ...(await secretsOf(stage, subjects))]
      for (const subject of subjects) {
        await stage.options.edit((await stage.want(subject)).key)
        await stage.sweep()
      }
      if (stage.options.server) {
        await stage.options.server.stop()
        for (const subject of subjects) await stage.change(subject)
        texts.push(...(await secretsOf(stage, subjects)))
        await stage.until(() => isDown(stage))
        await stage.sweep()
        await stage.options.server.start()
      }
      await stage.sweep({ heal: 'configurations' })
      await stage.settled()
      if (texts.length === 0) return
      const { name, schema } = getTableConfig(stage.options.table)
      expect(await rowsWith(stage, texts, [`${schema ?? 'public'}.${name}`]), 'tables with a secret').toEqual([])
      expect(linesWith(stage.logged, texts), 'lines of the log with a secret').toEqual([])
      expect(linesWith(stage.control.said, texts), 'errors with a secret').toEqual([])
    },
  },
]

const linesWith = (lines: readonly string[], texts: readonly string[]) => lines.filter(line => texts.some(text => line.includes(text)))

async function secretsOf(stage: Stage, subjects: readonly Subject[]): Promise<string[]> {
  const found: string[] = []
  for (const subject of subjects) {
    const { desired } = await stage.want(subject)
    if (typeof desired === 'object' && desired !== null && !Array.isArray(desired))
      for (const name of stage.backend.spec.secrets ?? []) found.push(...textsIn((desired as { readonly [key: string]: Json })[name]))
  }
  return found
}

const textsIn = (value: Json | undefined): string[] =>
  typeof value === 'string'
    ? value.length >= 4
      ? [value]
      : []
    : typeof value === 'object' && value !== null
      ? Object.values(value as { readonly [key: string]: Json }).flatMap(textsIn)
      : []
