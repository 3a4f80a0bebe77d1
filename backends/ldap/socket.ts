import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { ExtendedRequest, ExtendedResponse, MessageParser } from 'ldapts'
import { readText } from './secret.ts'
import type { LdapConnection } from './settings.ts'

/** RFC 4511, 4.14.1. */
const startTlsOid = '1.3.6.1.4.1.1466.20037'

/**
 * A socket to a directory, encrypted and verified as the settings say; never less than that. Throws what the network or TLS says;
 * aborting `signal` ends it.
 */
export async function openSocket(url: string, settings: LdapConnection, signal: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const secure = protocol === 'ldaps:'
  const plain = connect({ host, port: Number(port) || (secure ? 636 : 389), noDelay: true, keepAlive: true })
  const stop = () => plain.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await settled(plain, 'connect', signal)
    if (!secure && !settings.startTls) return plain
    if (!secure) await askForTls(plain, signal)
    return await encrypt(plain, host, settings, signal)
  } catch (error) {
    plain.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function encrypt(socket: Socket, host: string, settings: LdapConnection, signal: AbortSignal): Promise<TLSSocket> {
  const ca = settings.caFile === undefined ? settings.ca : readText(settings.caFile, 'the authority of the directory')
  const secured = connectTls({
    socket,
    host,
    // no environment variable turns the verification off
    rejectUnauthorized: true,
    servername: settings.serverName ?? (isIP(host) ? '' : host),
    ...(ca !== undefined && { ca }),
  })
  await settled(secured, 'secureConnect', signal)
  return secured
}

async function settled(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  await Promise.race([once(socket, event, { signal }), once(socket, 'close', { signal }).then(closed)])
}

const closed = (): never => {
  throw new Error('the connection was closed')
}

/** Asks the server to encrypt. Whatever it says but yes is the end of the connection. */
async function askForTls(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.write(new ExtendedRequest({ messageId: 1, oid: startTlsOid }).write())
  let received = Buffer.alloc(0)
  while (!isWhole(received)) {
    const [chunk] = (await Promise.race([once(socket, 'data', { signal }), once(socket, 'close', { signal }).then(closed)])) as [Buffer]
    received = Buffer.concat([received, chunk])
  }
  // what comes next is for TLS
  socket.pause()
  const answer = parse(received)
  if (answer?.status !== 0)
    throw new Error(`it refuses StartTLS: ${answer ? `LDAP ${answer.status}, ${answer.errorMessage || 'no reason given'}` : 'not LDAP'}`)
}

/** Whether these bytes are one message, whose length its first bytes say. More than one came from somebody who is not encrypted. */
function isWhole(bytes: Buffer): boolean {
  const first = bytes[1]
  if (first === undefined) return false
  const size = first < 0x80 ? 0 : first & 0x7f
  if (bytes[0] !== 0x30 || size > 4) throw new Error('it does not speak LDAP')
  if (bytes.length < 2 + size) return false
  const whole = 2 + size + (size === 0 ? first : bytes.readUIntBE(2, size))
  if (bytes.length > whole) throw new Error('it said more than its answer to StartTLS')
  return bytes.length === whole
}

function parse(bytes: Buffer): ExtendedResponse | undefined {
  let answer: ExtendedResponse | undefined
  const parser = new MessageParser()
  parser.on('message', message => {
    if (message instanceof ExtendedResponse) answer = message
  })
  parser.on('error', () => {})
  parser.read(bytes, new Map())
  return answer
}
