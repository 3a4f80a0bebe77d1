import { t } from '../app/i18n.ts'
import { InvoiceState } from '../billing/invoice-words.tsx'
import { formatDate, Note } from '../ui/index.ts'
import type { Bill } from './explanation.ts'
import type { Links } from './links.ts'

/** The state of a bill, its days and what it corrects, under its name. */
export const BillHead = ({ bill: { standing, kind, issuedOn, dueOn, corrects }, links }: { bill: Bill; links: Links }) => (
  <>
    <InvoiceState standing={standing} />
    <span class="quiet">
      {kind === 'credit_note'
        ? t('issued {{date}}', { date: formatDate(issuedOn) })
        : t('issued {{date}}, due {{due}}', { date: formatDate(issuedOn), due: formatDate(dueOn) })}
    </span>
    {corrects && (
      <span class="quiet">
        {t('gives back some of')}{' '}
        <a class="u" href={links.bill(corrects.id)}>
          {corrects.number}
        </a>
      </span>
    )}
  </>
)

/** That nobody waits for a bill. */
export const Disputed = ({ bill: { disputedOn } }: { bill: Bill }) =>
  disputedOn === null ? null : (
    <Note tone="drift">{t('In dispute since {{date}}: it can wait until that is settled.', { date: formatDate(disputedOn) })}</Note>
  )
