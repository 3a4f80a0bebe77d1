import { isValidIBAN } from 'ibantools'
import { currentScope } from '../../app/scope.ts'
import { CoinError } from '../../errors.ts'
import type { Creditor } from './tables.ts'

/** The settings without which nothing is collected, by their names; none when all are there. */
export function missingSettings(): readonly string[] {
  const { iban, creditorId } = currentScope().registry.config.provider.identity
  return [
    ...(iban && isValidIBAN(iban.replace(/\s/g, '')) ? [] : ['provider.identity.iban']),
    ...(creditorId ? [] : ['provider.identity.creditorId']),
  ]
}

/** Who collects. Throws when the deployment does not say it. */
export function ownCreditor(): Creditor {
  const { provider } = currentScope().registry.config
  const { name, iban = '', bic = '', creditorId = '' } = provider.identity
  const missing = missingSettings()
  if (missing.length > 0) {
    throw new CoinError('refused', 'Direct debits need these settings: {{settings}}.', {
      values: { settings: missing.join(', ') },
      hint: 'Set them in coin.config.ts.',
    })
  }
  return { name: name || provider.name, iban: iban.replace(/\s/g, ''), bic: bic.replace(/\s/g, ''), creditorId }
}
