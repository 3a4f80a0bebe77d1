import { readFile } from 'node:fs/promises'
import { CoinError, defineJob, type Job } from 'coin'
import * as z from 'zod'
import { resealAuthority } from './authority.ts'
import { askForFile, findCrl, refreshCrl } from './crl.ts'
import { writeWhole } from './file.ts'
import { remind } from './reminders.ts'
import { revokeEnded } from './revoke.ts'
import type { CertificateSettings } from './settings.ts'

const nothing = z.strictObject({})

/** What happens without anybody's hand. */
export const certificateJobs = (settings: CertificateSettings): Readonly<Record<string, Job>> => ({
  /** Each revocation is listed as soon as it is told; here what was missed, and a new list each day. */
  refreshCrl: defineJob({
    payload: nothing,
    schedule: '*/10 * * * *',
    async run(_payload, { tx, log }) {
      const ended = await revokeEnded(tx)
      if (ended > 0) log.info(`revoked ${ended} certificates of subscriptions that have ended`)
      if (await resealAuthority(tx)) log.info('the key of the authority is encrypted under the current secret')
      if (await refreshCrl(tx, settings)) log.info('signed a new revocation list')
      // somebody may have removed or changed it
      else await askForFile(tx, settings)
    },
  }),
  remindOfCertificates: defineJob({
    payload: nothing,
    schedule: '30 8 * * *',
    async run(_payload, { tx, log }) {
      const count = await remind(tx, settings)
      if (count > 0) log.info(`reminded ${count} members of the end of their certificate`)
    },
  }),
  /** After the commit, so that the file never holds a list that does not exist. */
  writeCrl: defineJob({
    payload: nothing,
    async run(_payload, { tx }) {
      const list = await findCrl(tx)
      if (settings.crlFile && list && (await textOf(settings.crlFile)) !== list.crl) await writeCrlFile(settings.crlFile, list.crl)
    },
  }),
})

const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)

/** Writes the list, or says why not. */
export async function writeCrlFile(file: string, crl: string): Promise<void> {
  try {
    await writeWhole(file, crl)
  } catch (error) {
    throw new CoinError('unavailable', 'The file {{file}} cannot be written: {{reason}}.', {
      values: { file, reason: error instanceof Error ? error.message : String(error) },
      cause: error,
    })
  }
}
