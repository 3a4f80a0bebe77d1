import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'

/** True while a process of the cluster lives: the server, or what a killed one left behind. Removing postmaster.pid under it would ruin the data. */
export function clusterIsBusy(cluster: string): boolean {
  return processes().some(pid => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === cluster && !isDead(pid)
    } catch {
      return false
    }
  })
}

/** The process that postmaster.pid names, if it is a server of this cluster. */
export function serverProcess(cluster: string): number | undefined {
  const pid = firstNumber(path.join(cluster, 'postmaster.pid'))
  return pid && isServerOf(pid, cluster) ? pid : undefined
}

/** Removes what a killed server left behind when the process it names is gone, or is now another program. */
export function removeStaleFiles(cluster: string, socket: string): void {
  if (!existsSync('/proc/self/cmdline')) return
  for (const file of [path.join(cluster, 'postmaster.pid'), path.join(socket, '.s.PGSQL.5432.lock')]) {
    const pid = firstNumber(file)
    if (pid !== undefined && !isServerOf(pid, cluster)) rmSync(file, { force: true })
  }
}

function processes(): string[] {
  return existsSync('/proc') ? readdirSync('/proc').filter(name => /^\d+$/.test(name)) : []
}

function isServerOf(pid: number, cluster: string): boolean {
  try {
    return !isDead(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres') && readlinkSync(`/proc/${pid}/cwd`) === cluster
  } catch {
    return false
  }
}

function isDead(pid: number | string): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat[stat.lastIndexOf(')') + 2] === 'Z'
}

function firstNumber(file: string): number | undefined {
  try {
    return Math.abs(Number.parseInt(readFileSync(file, 'utf8'), 10)) || 0
  } catch {
    return undefined
  }
}
