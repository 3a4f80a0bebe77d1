import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'

/** A way to a database that can be cut: who goes it is to the database as if its process had been killed. */
export interface CutOff {
  readonly url: string
  cut(): void
  close(): Promise<void>
}

/** Opens such a way to the database of `url`. */
export async function cutOff(url: string): Promise<CutOff> {
  const { host, port } = new pg.Client({ connectionString: url })
  const folder = mkdtempSync(path.join(tmpdir(), 'coin-cut-'))
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    const far = host.startsWith('/') ? connect(path.join(host, `.s.PGSQL.${port}`)) : connect(port, host)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => {})
      one.once('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    if (isCut) near.destroy()
  })
  await new Promise<void>(resolve => server.listen(path.join(folder, '.s.PGSQL.5432'), resolve))
  const own = new URL(url)
  own.searchParams.set('host', folder)
  own.searchParams.set('port', '5432')
  const cut = () => {
    isCut = true
    for (const socket of open) socket.destroy()
  }
  return {
    url: own.toString(),
    cut,
    async close() {
      cut()
      await new Promise(resolve => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
