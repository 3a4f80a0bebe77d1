import { userInfo } from 'node:os'
import path from 'node:path'
import { systemActor } from '../app/access.ts'
import type { Config } from '../app/config.ts'
import { createRegistry, type Registry } from '../app/registry.ts'
import type { Actor } from '../app/scope.ts'
import { type Coin, openCoin } from '../coin.ts'
import { coreApps } from '../core-apps.ts'
import { ensureEmbedded } from '../db/embedded.ts'
import { loadSecrets } from '../secret.ts'

/** What a command works with. */
export interface CliContext {
  readonly config: Config
  readonly json: boolean
  /** The folder of the deployment's data: `COIN_DATA`, else `var/` beside coin.config.ts. */
  readonly data: string
  /** The folder of coin.config.ts. */
  readonly project: string
  /** The apps, checked. Throws `boot` with everything that is wrong. */
  registry(): Registry
  /** The same, or undefined when something is wrong: for what must work nevertheless, such as help. */
  registryIfSound(): Registry | undefined
  /** `DATABASE_URL`, else the PostgreSQL that comes with Coin, started if need be. */
  databaseUrl(): Promise<string>
  /** Runs `work` with a Coin, as the person at the terminal. */
  withCoin<R>(work: (coin: Coin, actor: Actor) => Promise<R>): Promise<R>
  /** Opens a Coin that stays open until the process ends. */
  open(connections?: number): Promise<Coin>
  close(): Promise<void>
  /** What the command is about, said before its errors. */
  subject: string
  /** The labels of the fields of its options. */
  labels: Readonly<Record<string, string>>
  exitCode: number
}

/** The folder of coin.config.ts, as the launcher found it. */
const projectFolder = () => (process.env.COIN_CONFIG ? path.dirname(path.resolve(process.env.COIN_CONFIG)) : process.cwd())

export function cliContext(config: Config, { json }: { readonly json: boolean }): CliContext {
  const project = projectFolder()
  const data = path.resolve(process.env.COIN_DATA || path.join(project, 'var'))
  const opened: Coin[] = []
  let registry: Registry | undefined
  const context: CliContext = {
    config,
    json,
    project,
    data,
    subject: '',
    labels: {},
    exitCode: 0,
    registry: () => (registry ??= createRegistry(coreApps(), config)),
    registryIfSound() {
      try {
        return context.registry()
      } catch {
        return undefined
      }
    },
    databaseUrl: async () => process.env.DATABASE_URL || (await ensureEmbedded({ data })).url,
    async open(connections) {
      context.registry()
      const databaseUrl = await context.databaseUrl()
      const [secret, ...earlierSecrets] = loadSecrets(data)
      const coin = openCoin(config, { databaseUrl, secret, earlierSecrets, data, ...(connections && { connections }) })
      opened.push(coin)
      return coin
    },
    async withCoin(work) {
      const coin = await context.open(2)
      const actor = systemActor(`${whoami()} (command line)`)
      return coin.asSystem(actor.label, () => work(coin, actor), locale())
    },
    close: async () => {
      await Promise.all(opened.map(coin => coin.close()))
    },
  }
  return context
}

function whoami(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}

/** The language of the terminal, if Coin speaks it. */
const locale = () => (/^fr/.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '') ? 'fr' : 'en')
