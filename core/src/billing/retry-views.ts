import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { redirectTo } from '../web/reply.ts'
import { retryDocuments } from './document-retry.ts'
import { mailInvoice } from './invoice-mails.ts'
import { invoiceOf } from './invoice-of.ts'
import { invoicePath } from './invoice-path.ts'

/** Has the PDF of an invoice tried again now. */
export const retryView: View = {
  path: '/admin/invoices/:id{[0-9]+}/retry',
  access: 'invoice.change',
  async post(c) {
    const { id } = await invoiceOf(c, currentScope().db)
    await c.var.coin.transaction(c.var.actor, tx => retryDocuments(tx, [id]))
    return redirectTo(c, invoicePath(id), t('Its PDF is made again.'))
  },
}

/** Mails an issued invoice once more. */
export const sendView: View = {
  path: '/admin/invoices/:id{[0-9]+}/send',
  access: 'invoice.change',
  async post(c) {
    const { id } = await invoiceOf(c, currentScope().db)
    const address = await c.var.coin.transaction(c.var.actor, tx => mailInvoice(tx, id))
    return redirectTo(c, invoicePath(id), t('It is on its way to {{address}}.', { address }))
  },
}
