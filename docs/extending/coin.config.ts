import { defineConfig } from 'coin'
import radio from './radio/index.tsx'

export default defineConfig({
  provider: { name: 'Example Network', language: 'fr' },
  apps: [radio({ routesFolder: '/tmp/radio-routes' })],
})
