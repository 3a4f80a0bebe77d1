import type { Views } from '../app/view.ts'
import { chosenPage } from './chosen-page.tsx'
import { billingConstraints } from './constraints.ts'
import { creditPage } from './credit-page.tsx'
import { disputePage } from './dispute-page.tsx'
import { documentJobs } from './document-jobs.ts'
import { invoicePdf, invoiceXml, memberPdf, memberXml } from './invoice-files.ts'
import { invoiceResource } from './invoice-resource.tsx'
import { issuePage } from './issue-page.tsx'
import { kindView } from './kind-view.tsx'
import { linePage, removeLineView } from './line-page.tsx'
import { retryView, sendView } from './retry-views.ts'

const views = {
  invoice_pdf: invoicePdf,
  invoice_xml: invoiceXml,
  member_pdf: memberPdf,
  member_xml: memberXml,
  issue_invoice: issuePage,
  credit_invoice: creditPage,
  dispute_invoice: disputePage,
  add_line: linePage,
  remove_line: removeLineView,
  invoice_kind: kindView,
  retry_document: retryView,
  send_invoice: sendView,
  chosen_invoices: chosenPage,
} satisfies Views

/** What the billing app does with invoices. */
export const invoiceApp = {
  views,
  resources: [invoiceResource],
  jobs: documentJobs,
  permissions: { 'invoice.issue': 'Issue drafts: give them their number' },
  constraints: billingConstraints,
} as const
