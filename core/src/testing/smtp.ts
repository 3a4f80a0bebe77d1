import { SMTPServer } from 'smtp-server'

/** A real mail server on this machine; it refuses recipients whose address begins with `refused`. */
export interface TestSmtp {
  readonly url: string
  readonly port: number
  readonly mails: { readonly to: string; readonly source: string }[]
  close(): Promise<void>
}

/** Starts one, on any free port unless given. */
export async function testSmtp(port = 0): Promise<TestSmtp> {
  const mails: { to: string; source: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('refused') ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address).join(), source: Buffer.concat(chunks).toString() })
        done()
      })
    },
  })
  // whoever is killed in the middle of a mail resets the connection
  server.on('error', () => {})
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const address = server.server.address()
  const actual = typeof address === 'object' && address ? address.port : 0
  return { mails, port: actual, url: `smtp://127.0.0.1:${actual}`, close: () => new Promise(resolve => server.close(() => resolve())) }
}
