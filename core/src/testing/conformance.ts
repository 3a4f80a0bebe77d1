import { afterAll, beforeAll, describe, test } from 'vitest'
import type { ConfigurationTable } from '../app/configuration.ts'
import { agreement } from './conformance/agreement.ts'
import type { Check } from './conformance/check.ts'
import { crash } from './conformance/crash.ts'
import { delivery } from './conformance/delivery.ts'
import { faults } from './conformance/faults.ts'
import { lifecycle } from './conformance/lifecycle.ts'
import type { Conformance } from './conformance/options.ts'
import { secrecy } from './conformance/secrecy.ts'
import { openStage, type Stage } from './conformance/stage.ts'
import { sweeps } from './conformance/sweeps.ts'

/** Everything that a backend has to do, in the order in which it is seen. */
export const checks: readonly Check[] = [...agreement, ...lifecycle, ...delivery, ...sweeps, ...faults, ...crash, ...secrecy]

/**
 * Registers the tests that every backend has to pass, in a file of vitest: against the author's real target, with a database and workers of
 * their own. `name` is the backend's. The target has to be empty when they begin, and nobody else's meanwhile.
 */
export function conformance<T extends ConfigurationTable>(name: string, options: Conformance<T>): void {
  describe(`conformance of ${name}`, () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await openStage(name, options)
      await stage.start()
    })
    afterAll(() => stage?.close())
    // functions of the author's are only ever handed back columns of the author's table
    const given = options as unknown as Conformance<ConfigurationTable>
    for (const { title, when, run } of checks) if (!when || when(given)) test(title, { timeout: 180_000 }, () => run(stage))
  })
}
