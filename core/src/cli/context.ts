import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../app/config.ts'
import { type Coin, openCoin } from '../coin.ts'
import { ensureEmbedded } from '../db/embedded.ts'
import { loadSecret } from '../secret.ts'

/** What the environment says about a deployment. */
export interface Deployment {
  readonly config: Config
  /** Absolute; `COIN_DATA`, else `var/` beside coin.config.ts. */
  readonly data: string
}

/** Where this deployment keeps its data. */
export function deploymentOf(config: Config): Deployment {
  const home = process.env.COIN_CONFIG ? path.dirname(process.env.COIN_CONFIG) : process.cwd()
  const data = path.resolve(home, process.env.COIN_DATA || 'var')
  return { config, data }
}

/** The database of a deployment: `DATABASE_URL`, else the embedded one, started when it does not run. */
export async function databaseOf({ data }: Deployment): Promise<string> {
  mkdirSync(data, { recursive: true })
  return process.env.DATABASE_URL || (await ensureEmbedded({ data })).url
}

/** Opens Coin for a command. The registry is checked first, so that a wrong configuration touches nothing. */
export async function openDeployment(deployment: Deployment, options: { readonly connections?: number } = {}): Promise<Coin> {
  const databaseUrl = await databaseOf(deployment)
  return openCoin(deployment.config, { databaseUrl, data: deployment.data, secret: loadSecret(deployment.data), ...options })
}

/** Opens Coin, runs `work` as the CLI, and closes it. */
export async function withCoin<R>(deployment: Deployment, work: (coin: Coin) => Promise<R>): Promise<R> {
  const coin = await openDeployment(deployment, { connections: 2 })
  try {
    return await coin.asSystem(`coin (${process.env.SUDO_USER || process.env.USER || 'shell'})`, () => work(coin))
  } finally {
    await coin.close()
  }
}
