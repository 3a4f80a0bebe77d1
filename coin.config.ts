import { defineConfig } from 'coin'
import simpleDsl from './apps/simple_dsl/index.ts'
import vpn from './apps/vpn/index.tsx'

export default defineConfig({
  provider: { name: 'Coin' },
  apps: [simpleDsl(), vpn()],
})
