import { AsyncLocalStorage } from 'node:async_hooks'

/** What a sign-in service said of somebody who comes from it, while they come. */
export interface Arrival {
  claims?: Readonly<Record<string, unknown>>
  /** True when it vouches for two factors. */
  twoFactors?: boolean
}

const storage = new AsyncLocalStorage<Arrival>()

/** Runs `work`, in which the service's answer is read; gives that too. */
export async function withArrival<R>(work: () => Promise<R>): Promise<{ readonly result: R; readonly arrival: Arrival }> {
  const arrival: Arrival = {}
  return { result: await storage.run(arrival, work), arrival }
}

/** Of whom the answer is read now, if anybody. */
export const arrivalOf = (): Arrival | undefined => storage.getStore()
