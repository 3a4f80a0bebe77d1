import { healDrifted, retry } from '../provisioning/ask.ts'
import type { CliContext } from './context.ts'
import { print } from './output.ts'
import { chosenBackends, idOf, idsOf } from './sync-common.ts'

/** Has a worker look again, now. */
export async function retrySync(
  context: CliContext,
  options: { readonly backend?: string; readonly configuration?: string; readonly all?: boolean },
): Promise<void> {
  context.subject = 'sync'
  const configuration = options.configuration === undefined ? undefined : idOf(options.configuration, '--configuration')
  await context.withCoin(async (coin, actor) => {
    chosenBackends(coin.registry, options.backend)
    const everything = options.all === true || configuration !== undefined
    const count = await coin.transaction(actor, tx =>
      retry(tx, {
        ...(options.backend !== undefined && { backend: options.backend }),
        ...(configuration !== undefined && { configuration }),
        ...(!everything && { states: ['failed'] }),
      }),
    )
    print(context, { asked: count }, () => `${count} are looked at again, as soon as a worker runs.`)
  })
}

/** Has a worker put right what a comparison found to differ. */
export async function healSync(
  context: CliContext,
  { backend, configuration }: { readonly backend: string; readonly configuration?: readonly string[] },
): Promise<void> {
  context.subject = 'sync'
  const configurations = configuration && idsOf(configuration, '--configuration')
  await context.withCoin(async (coin, actor) => {
    chosenBackends(coin.registry, backend)
    const count = await coin.transaction(actor, tx => healDrifted(tx, { backend, ...(configurations && { configurations }) }))
    print(context, { asked: count }, () => `${count} are put right, as soon as a worker runs.`)
  })
}
