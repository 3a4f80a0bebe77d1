import config from 'coin:config'
import { runCli } from './cli/main.ts'

process.exitCode = await runCli(config, process.argv.slice(2))
