import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { currentScope } from '../app/scope.ts'
import { messageOf } from '../db/storable.ts'
import type { Message } from './compose-mail.ts'

/** Where mails go: a mail server, or a folder. */
export interface Carrier {
  /** Whether the text is elsewhere afterwards, so that a secret one can be forgotten here. */
  readonly leaves: boolean
  /** Why it takes nothing at the moment; undefined when it does. */
  trouble(): Promise<string | undefined>
  /** Several at once are fine. */
  carry(id: number, message: Message): Promise<void>
  close(): void
}

/** Messages that a mail server takes at once, each over a connection that is used again for the next. */
export const connections = 4

/** To the server of `SMTP_URL`, else as files below `<data>/mail`. */
export async function openCarrier(): Promise<Carrier> {
  const { SMTP_URL } = process.env
  return SMTP_URL ? serverAt(SMTP_URL) : folderAt(path.join(currentScope().data ?? (process.env.COIN_DATA || 'var'), 'mail'))
}

async function serverAt(url: string): Promise<Carrier> {
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  } as Parameters<typeof createTransport>[0])
  return {
    leaves: true,
    trouble: () => transport.verify().then(() => undefined, messageOf),
    carry: async (_id, { envelope, raw }) => void (await transport.sendMail({ envelope, raw } as Parameters<typeof transport.sendMail>[0])),
    close: () => transport.close(),
  }
}

const folderAt = (folder: string): Carrier => ({
  leaves: false,
  trouble: async () => undefined,
  carry: (id, { raw }) => writeCopy(folder, `${id}.eml`, raw),
  close() {},
})

/** A file appears whole, with the line ends of files, and only its owner reads it. */
async function writeCopy(folder: string, name: string, content: Buffer) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const unfinished = path.join(folder, `.${name}.${process.pid}`)
  await writeFile(unfinished, content.toString('latin1').replaceAll('\r\n', '\n'), { mode: 0o600, encoding: 'latin1' })
  await rename(unfinished, path.join(folder, name))
}
