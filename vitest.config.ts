import { defineConfig } from 'vitest/config'
import { LongestFirst } from './vitest.order.ts'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^coin$/, replacement: new URL('./core/src/index.ts', import.meta.url).pathname },
      { find: /^coin\/testing$/, replacement: new URL('./core/src/testing/index.ts', import.meta.url).pathname },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: {
    include: [
      'core/src/**/*.test.{ts,tsx}',
      'apps/**/*.test.{ts,tsx}',
      'backends/**/*.test.ts',
      'test/**/*.test.{ts,tsx}',
      'docs/**/*.test.{ts,tsx}',
    ],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // one more than the processors of a small machine: many tests wait most of the time
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
})
