import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { Moment, Note, PostButton } from '../ui/index.ts'
import { invoicePath } from './invoice-path.ts'

/** Why an issued invoice has no PDF, or was not sent with its data, as long as it is so. */
export function DocumentNote({ row }: { row: Row }) {
  if (row.state !== 'issued' || (row.pdfHash !== null && (row.documentError === null || row.mailedAt !== null))) return null
  if (typeof row.documentError !== 'string') return <Note tone="wait">{t('Its PDF is being made. Load the page again in a moment.')}</Note>
  return (
    <Note tone="fail">
      <b>
        {row.pdfHash === null
          ? t('Its PDF could not be made, so that it was not sent.')
          : t('It could not be sent: its electronic form lacks something.')}
      </b>{' '}
      <span class="text-break">{row.documentError}</span>
      <p class="row-flex">
        <span>
          {t('{{count}} attempts', { count: Number(row.documentAttempts) })}
          {row.documentRetryAt instanceof Date && (
            <>
              {' · '}
              {t('Next try:')} <Moment at={row.documentRetryAt} />
            </>
          )}
        </span>
        {mayEverywhere(currentScope().actor, 'invoice.change') && (
          <PostButton small action={invoicePath(row.id, 'retry')} icon="refresh">
            {t('Try again')}
          </PostButton>
        )}
      </p>
    </Note>
  )
}
