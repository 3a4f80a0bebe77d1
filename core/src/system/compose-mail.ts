import type { SendMailOptions } from 'nodemailer'
import type MimeNode from 'nodemailer/lib/mime-node/index.js'
import { currentScope } from '../app/scope.ts'
import { encryptTo } from './openpgp.ts'

/** A mail as it is kept, with the contents of its attachments. */
export interface Letter {
  readonly id: number
  readonly recipient: string
  readonly subject: string
  readonly body: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly openpgpKey: string
  readonly language: string
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly content: Buffer }[]
}

/** A message as mail servers take it. */
export interface Message {
  readonly envelope: ReturnType<MimeNode['getEnvelope']>
  readonly raw: Buffer
}

/** Makes a message: encrypted when the mail has a key. Refuses when that is not possible. The same mail again has the same Message-ID. */
export async function composeMail(letter: Letter): Promise<Message> {
  const { default: Composer } = await import('nodemailer/lib/mail-composer/index.js')
  const clear = new Composer(contentOf(letter)).compile()
  const message = letter.openpgpKey === '' ? clear : await encrypted(letter, clear)
  return { envelope: message.getEnvelope(), raw: await message.build() }
}

/**
 * PGP/MIME, RFC 3156: text, attachments and their names are inside. The headers are outside, as servers need them, and repeated inside, from
 * where a reader's program takes the subject that nobody changed on the way.
 */
async function encrypted(letter: Letter, clear: MimeNode): Promise<MimeNode> {
  const { default: Node } = await import('nodemailer/lib/mime-node/index.js')
  clear.setHeader('Content-Type', `${clear.getHeader('Content-Type')}; protected-headers="v1"`)
  const armoured = await encryptTo(letter.openpgpKey, await clear.build())
  const whole = new Node('multipart/encrypted; protocol="application/pgp-encrypted"', { newline: 'win' })
  const { from, to, date, messageId, subject, headers } = headersOf(letter)
  whole.setHeader({ From: from, To: to, Date: date, 'Message-ID': messageId, Subject: subject, ...headers })
  part(whole, 'application/pgp-encrypted', 'PGP/MIME version identification', 'Version: 1')
  part(whole, 'application/octet-stream; name="encrypted.asc"', 'OpenPGP encrypted message', armoured)
  return whole
}

function part(whole: MimeNode, type: string, description: string, content: string) {
  const child = whole.createChild(type)
  child.setHeader({ 'Content-Description': description, 'Content-Disposition': 'inline', 'Content-Transfer-Encoding': '7bit' })
  child.setContent(content)
}

function contentOf(letter: Letter): SendMailOptions {
  return {
    ...headersOf(letter),
    text: letter.body,
    attachments: letter.attachments.map(({ name, mediaType, content }) => ({ filename: name, contentType: mediaType, content })),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function headersOf({ id, recipient, subject, createdAt, language }: Letter) {
  const host = mailHost()
  const at = new Date(createdAt)
  return {
    from: process.env.MAIL_FROM || { name: currentScope().registry.providerName, address: `coin@${host}` },
    to: { name: '', address: recipient },
    subject,
    date: at,
    // a mail that was sent twice, because the first time was cut off, is recognised
    messageId: `<mail-${id}-${at.getTime()}@${host}>`,
    headers: { 'Auto-Submitted': 'auto-generated', ...(language && { 'Content-Language': language }) },
  }
}

function mailHost(): string {
  const { COIN_URL } = process.env
  return COIN_URL && URL.canParse(COIN_URL) ? new URL(COIN_URL).hostname : 'localhost'
}
