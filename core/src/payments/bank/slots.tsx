import { t } from '../../app/i18n.ts'
import { currentScope, mayEverywhere } from '../../app/scope.ts'
import type { SlotRenderers } from '../../app/slots.ts'
import { ButtonLink, Card, Facts, formatDate, formatMoney, Todo } from '../../ui/index.ts'
import { linePath, unmatchedPath } from './paths.ts'
import { bankLineOf, unmatchedCount } from './queries.ts'
import { sayReason } from './words.tsx'

/** What bank statements add to other pages. */
export const bankSlots = {
  'home.staff': async () => {
    const { actor, db } = currentScope()
    if (!mayEverywhere(actor, 'bank.import')) return undefined
    const { count, since } = await unmatchedCount(db)
    if (count === 0 || since === null) return undefined
    return (
      <Card title={t('Bank statements')} body={false}>
        <Todo
          items={[
            {
              tone: 'drift',
              icon: 'building-bank',
              text: (
                <>
                  <b>{t('{{count}} bank lines wait to be settled.', { count })}</b>{' '}
                  <span class="quiet">{t('The oldest is of {{date}}.', { date: formatDate(since) })}</span>
                </>
              ),
              action: (
                <ButtonLink small href={unmatchedPath()}>
                  {t('Settle them')}
                </ButtonLink>
              ),
            },
          ]}
        />
      </Card>
    )
  },
  'payment.details': async ({ paymentId }) => {
    const { actor, db } = currentScope()
    const line = (await bankLineOf(db, [paymentId])).get(paymentId)
    if (!line) return undefined
    return (
      <Card title={t('Bank line')}>
        <Facts
          items={[
            { label: t('Label'), value: <span class="text-break">{line.label}</span> },
            { label: t('Name'), value: line.name },
            { label: t('Day'), value: formatDate(line.bookedOn) },
            { label: t('Amount'), value: formatMoney(line.amount, line.currency) },
            { label: t('Why'), value: sayReason(line.reason) },
            { label: t('Settled by'), value: line.settledBy },
            {
              label: t('From'),
              value: mayEverywhere(actor, 'bank.import') ? (
                <a href={linePath(line.lineId)}>{t('{{file}}, line {{line}}', { file: line.fileName, line: line.fileLine })}</a>
              ) : (
                t('{{file}}, line {{line}}', { file: line.fileName, line: line.fileLine })
              ),
            },
          ]}
        />
      </Card>
    )
  },
} satisfies SlotRenderers
