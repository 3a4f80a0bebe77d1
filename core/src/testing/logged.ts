import { vi } from 'vitest'

/** What `work` writes to stderr, which stays quiet meanwhile. */
export async function logged(work: () => Promise<unknown>): Promise<string> {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    await work()
    return write.mock.calls.map(([line]) => String(line)).join('')
  } finally {
    write.mockRestore()
  }
}
