import config from 'coin:config'
import { main } from './cli/main.ts'

process.exitCode = await main(config, process.argv.slice(2))
