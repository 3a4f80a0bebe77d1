import { readFileSync } from 'node:fs'
import pg from 'pg'
import { childrenOf, cpuOf } from './server.ts'

/** What the database server and all its processes have used of a processor since it began, those that have ended too; in milliseconds. */
export async function databaseCpu(url: string): Promise<number> {
  const server = await serverOf(url)
  return server === undefined ? 0 : [server, ...childrenOf(server)].reduce((sum, pid) => sum + cpuOf(pid), endedOf(server))
}

const servers = new Map<string, Promise<number | undefined>>()

/** The process that started the others; undefined when it is elsewhere. */
function serverOf(url: string): Promise<number | undefined> {
  const known = servers.get(url) ?? askServer(url)
  servers.set(url, known)
  return known
}

async function askServer(url: string): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    return parentOf(rows[0]?.pid ?? 0)
  } finally {
    await client.end()
  }
}

function parentOf(pid: number): number | undefined {
  return fieldsOf(pid)[1]
}

/** What the children that have ended used. */
function endedOf(pid: number): number {
  const [user = 0, system = 0] = fieldsOf(pid).slice(13, 15)
  return (user + system) * 10
}

/** Of /proc/<pid>/stat, what follows the name: the state, the parent's id and so on. Nothing where the system does not say. */
function fieldsOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number)
  } catch {
    return []
  }
}
