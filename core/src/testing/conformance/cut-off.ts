import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import pg from 'pg'

/** A way to a database that can be cut: who goes it is to the database as if its process had been killed. */
export interface CutOff {
  readonly url: string
  cut(): void
}

/** Opens such a way to the database of `url`. */
export async function cutOff(url: string): Promise<CutOff> {
  const { host, port } = new pg.Client({ connectionString: url })
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
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('It listens nowhere')
  const own = new URL(url)
  own.searchParams.set('host', '127.0.0.1')
  own.searchParams.set('port', String(address.port))
  const cut = () => {
    if (isCut) return
    isCut = true
    // refused from now on, as by a machine without a database
    server.close()
    for (const socket of open) socket.destroy()
  }
  return { url: own.toString(), cut }
}
