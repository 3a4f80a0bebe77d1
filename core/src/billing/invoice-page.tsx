import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { Card, Cols, Note, Stack } from '../ui/index.ts'
import { DocumentNote } from './invoice-document-note.tsx'
import { InvoiceHistory } from './invoice-history.tsx'
import { LinesCard } from './invoice-lines-card.tsx'
import { PaidCard } from './invoice-paid-card.tsx'
import { coveringsOf, eventsOf, linesOf, sideOf } from './invoice-queries.ts'
import { CreditsCard, ToCard } from './invoice-side-cards.tsx'
import { KindNote } from './kind-view.tsx'

/** The body of an invoice's page: its lines, what was paid, to whom, and what happened. Four statements. */
export async function InvoiceDetails({ row, tx }: { row: Row; tx: Tx }) {
  const [lines, coverings, side, events] = [
    await linesOf(tx, row.id),
    row.state === 'issued' ? await coveringsOf(tx, row.id) : [],
    await sideOf(tx, row.id),
    await eventsOf(tx, row.id),
  ]
  return (
    <Stack>
      {row.disputedOn !== null && (
        <Note tone="drift">
          <b>{t('In dispute: it is neither reminded of nor counted as late.')}</b> <span class="pre-line">{String(row.disputeReason)}</span>
        </Note>
      )}
      <KindNote row={row} />
      <DocumentNote row={row} />
      <Cols wideLeft>
        <Stack>
          <LinesCard row={row} lines={lines} />
          {row.state === 'issued' && <PaidCard row={row} coverings={coverings} />}
        </Stack>
        <Stack>
          <ToCard row={row} side={side} />
          <CreditsCard row={row} side={side} />
          <Card title={t('History')}>
            <InvoiceHistory row={row} side={side} events={events} />
          </Card>
        </Stack>
      </Cols>
    </Stack>
  )
}
