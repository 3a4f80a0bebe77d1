import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { formatNumber, Moment, Note, PostButton } from '../ui/index.ts'
import { auditHead, lastCheck } from './chain.ts'

/** How far the chain goes, and what the last look at it found. */
export async function ChainState() {
  const { db } = currentScope()
  const [head, check] = [await auditHead(db), await lastCheck(db)]
  const broken = (check?.problems.length ?? 0) > 0
  return (
    <Note tone={broken ? 'fail' : 'ok'}>
      <p>
        {broken
          ? t('The chain is broken: {{count}} problems. Somebody changed the log in the database itself. Run “coin audit verify”.', {
              count: check?.problems.length ?? 0,
            })
          : t('{{entries}} entries are chained, each batch to the one before: none can be changed unseen.', {
              entries: formatNumber(head.entries),
            })}{' '}
        {head.waiting > 0 && t('{{count}} wait for the next minute.', { count: head.waiting })}{' '}
        {check ? (
          <span class="quiet">
            {t('Last verified:')} <Moment at={check.at} relative />
          </span>
        ) : (
          <span class="quiet">{t('Not verified yet: every night does it.')}</span>
        )}
      </p>
      <div class="row-flex">
        {head.hash && (
          <details class="small">
            <summary>{t('Hash of the last batch')}</summary>
            <code class="text-break">{head.hash}</code>
            <p class="quiet">{t('Kept elsewhere, it shows later whether the end of the log was cut off.')}</p>
          </details>
        )}
        <PostButton action={url('audit:verify')} icon="refresh" small>
          {t('Verify now')}
        </PostButton>
      </div>
    </Note>
  )
}

/** On the first page of those who may see the log, only when something is wrong with it. */
export async function BrokenChain() {
  const { db } = currentScope()
  const check = await lastCheck(db)
  if (!check || check.problems.length === 0) return undefined
  return (
    <section class="card" aria-labelledby="audit-broken">
      <div class="card-header">
        <h2 id="audit-broken">{t('The audit log is broken')}</h2>
      </div>
      <div class="card-body">
        <p>{t('{{count}} of its entries are not what was chained.', { count: check.problems.length })}</p>
        <a class="btn" href={url('audit:log')}>
          {t('Look at it')}
        </a>
      </div>
    </section>
  )
}
