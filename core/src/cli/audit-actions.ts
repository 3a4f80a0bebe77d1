import { t } from '../app/i18n.ts'
import { auditHead, chainBatch, keepCheck, verifyAudit } from '../audit/chain.ts'
import type { CliContext } from './context.ts'
import { usage } from './failure.ts'
import { print, table } from './output.ts'
import { openGauge } from './progress.ts'

export async function verify(context: CliContext, expected: string | undefined): Promise<void> {
  if (expected !== undefined && !/^[0-9a-f]{64}$/i.test(expected))
    throw usage('This is not a hash: {{value}}', 'Give the 64 characters that coin audit head printed.')
  context.subject = 'audit'
  await context.withCoin(async (coin, actor) => {
    const gauge = openGauge(context)
    gauge.begin(t('Batches'), 1)
    const found = await verifyAudit(coin.database.db, (done, total) => gauge.update(done, total, ''), expected)
    gauge.end()
    await coin.transaction(actor, tx => keepCheck(tx, found))
    if (found.problems.length > 0) context.exitCode = 1
    print(context, found, () =>
      found.problems.length === 0
        ? t('The log is whole: {{entries}} entries in {{batches}} batches.', { entries: found.entries, batches: found.batches })
        : table(
            [t('Batch'), t('Entry'), t('Problem')],
            found.problems.map(({ batch, entry, problem }) => [String(batch), entry === null ? '' : String(entry), problem]),
          ),
    )
  })
}

export async function head(context: CliContext): Promise<void> {
  context.subject = 'audit'
  await context.withCoin(async (coin, actor) => {
    // what is committed now is chained first, so that the hash covers it
    while ((await coin.transaction(actor, chainBatch)) > 0);
    const last = await auditHead(coin.database.db)
    print(context, last, () => last.hash || t('Nothing is chained yet.'))
  })
}
