export default {
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: { globalSetup: ['coin/testing/setup'], server: { deps: { inline: ['coin'] } }, testTimeout: 60_000, hookTimeout: 120_000 },
}
