import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { t } from '../app/i18n.ts'
import type { Choice } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'

/** The ways to bill that the installed apps bring; and those that offers have of apps which are there no more, so that a form keeps them. */
export async function strategyChoices(tx: Tx): Promise<Choice[]> {
  const known = [...currentScope().registry.billingStrategies.keys()]
  const { rows } = await tx.execute<{ name: string }>(
    sql`SELECT DISTINCT billing_strategy AS name FROM offer WHERE billing_strategy <> ALL (${sql.param(known)}::text[]) ORDER BY name`,
  )
  return [...known, ...rows.map(({ name }) => name)].map(name => ({ value: name, label: strategyLabel(name) }))
}

/** What a strategy is called, in its app's words; of one that no app brings, that it is missing. */
export function strategyLabel(name: string): string {
  const { registry, locale } = currentScope()
  const found = registry.billingStrategies.get(name)
  return found ? registry.translations.translator(locale, found.app)(found.strategy.label) : t('{{name}} (not installed)', { name })
}

export const isStrategy = (name: string): boolean => currentScope().registry.billingStrategies.has(name)

/** An offer keeps a strategy whose app is gone, and no other gets it. */
export const knownStrategy = z.string().refine(isStrategy, 'No installed app bills this way.')
