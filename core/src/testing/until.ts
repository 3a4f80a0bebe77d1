import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `look` gives something true, and returns it; says what it last gave when that does not happen within `seconds`. */
export async function until<T>(look: () => Promise<T | false> | T | false, seconds = 50): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > end) throw new Error(`This did not happen within ${seconds} s: ${look}`)
    await sleep(25)
  }
}
