import { defineConfig } from 'coin'
import simpleDsl from './apps/simple_dsl/index.ts'

export default defineConfig({
  provider: { name: 'Coin' },
  apps: [simpleDsl()],
})
