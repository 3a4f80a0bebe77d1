import type { BackgroundPart } from '../jobs/background.ts'
import { backendTask, reconcileTask } from './backend-task.ts'
import { configurationChanged } from './changed.ts'
import { handler, selectConcerned } from './concerned.ts'

/** Every change that concerns a configuration reaches its app and its backends. Nothing, when nobody wants to know. */
export const provisioning: BackgroundPart = coin => {
  const { backends, configurations } = coin.registry
  const wanted = backends.length > 0 || [...configurations.values()].some(({ configuration }) => configuration.spec.onSubnetEvent)
  if (!wanted) return {}
  return {
    consumers: [{ select: selectConcerned, handlers: { [handler]: configurationChanged(coin) } }],
    tasks: Object.fromEntries(backends.map(({ app, backend }) => [reconcileTask(backend.name), backendTask(coin, app, backend)])),
  }
}
