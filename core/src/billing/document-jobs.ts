import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { startDocuments } from './document-retry.ts'
import { mailInvoices } from './invoice-mails.ts'
import { makeDocuments } from './make-documents.ts'

/** From the number to the mail: asked for with each issue, and each minute for what was issued past Coin or failed. */
export const documentJobs = {
  documents: defineJob({
    payload: z.object({}),
    schedule: '* * * * *',
    run: async (_, { tx, log, signal }) => {
      const { made, failed, more, busy } = await makeDocuments(tx, signal)
      if (failed > 0) log.warn(`${failed} PDFs could not be made`)
      if (made > 0) log.info(`${made} PDFs made`)
      if (made > 0) await enqueue(tx, 'billing:mail_invoices', {}, { key: 'all' })
      if (more) await startDocuments(tx)
      // whoever is at it may have looked before the last ones were issued
      if (busy) await startDocuments(tx, new Date(Date.now() + 1000))
    },
  }),
  mail_invoices: defineJob({
    payload: z.object({}),
    schedule: '* * * * *',
    run: async (_, { tx, log }) => {
      if (!currentScope().registry.config.billing.document.mail) return
      const { mailed, failed, more } = await mailInvoices(tx)
      if (failed > 0) log.warn(`${failed} invoices could not be mailed`)
      if (mailed > 0) log.info(`${mailed} invoices mailed`)
      if (more) await enqueue(tx, 'billing:mail_invoices', {}, { key: 'all' })
    },
  }),
}
