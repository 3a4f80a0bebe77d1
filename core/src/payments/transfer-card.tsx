import { t } from '../app/i18n.ts'
import { Card, CopyButton, Facts, formatDate, formatMoney, Note, QrCode } from '../ui/index.ts'
import { spacedIban } from './sepa/iban.ts'
import type { Transfer } from './transfer.ts'

/** Everything that a transfer needs, to type or to scan. */
export function TransferCard({ transfer, dueOn }: { transfer: Transfer; dueOn: string | undefined }) {
  const { amount, currency, name, iban, bic, reference, qr } = transfer
  return (
    <Card title={t('Pay by transfer')} id={`transfer-${currency}`}>
      {!iban && <Note tone="drift">{t('Where to pay to is not set yet. Ask us before you pay.')}</Note>}
      <div class="pay">
        {qr && (
          <QrCode
            text={qr}
            label={t('QR code for your banking app: a transfer of {{amount}}', { amount: formatMoney(amount, currency) })}
          />
        )}
        <div class="flex-fill">
          {qr && <p>{t('Scan this with your banking app, or make the transfer by hand.')}</p>}
          <Facts
            items={[
              { label: t('Amount'), value: <span class="strong">{formatMoney(amount, currency)}</span> },
              dueOn !== undefined && { label: t('To pay by'), value: formatDate(dueOn) },
              { label: t('Beneficiary'), value: name },
              iban !== '' && {
                label: t('IBAN'),
                value: (
                  <span class="row-flex">
                    <span class="addr">{spacedIban(iban)}</span> <CopyButton value={iban} what={t('the IBAN')} />
                  </span>
                ),
              },
              bic !== '' && { label: t('BIC'), value: <span class="addr">{bic}</span> },
              {
                label: t('Reference'),
                value: (
                  <span class="row-flex">
                    <span class="text-break">{reference}</span> <CopyButton value={reference} what={t('the reference')} />
                  </span>
                ),
              },
            ]}
          />
          <p class="hint">
            {t('Put the reference in the label of the transfer: it says what you pay. It shows here once our bank has told us.')}
          </p>
        </div>
      </div>
    </Card>
  )
}
