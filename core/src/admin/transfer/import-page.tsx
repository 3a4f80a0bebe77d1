import type { Context } from '../../app/html.ts'
import { t } from '../../app/i18n.ts'
import { currentScope } from '../../app/scope.ts'
import type { View } from '../../app/view.ts'
import { ButtonLink, Card, CardBody, Note, Page, Poll, Progress, Stack, State, Stats, sitePath } from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { enqueueImport } from './background.ts'
import { dropImportFile, type ImportFile, markApplying, requireImportFile } from './import-file.ts'
import { countOf, type ImportOutcome, isUnreadable } from './import-outcome.ts'
import { importPath, uploadPath } from './import-path.ts'
import { ProblemTable, SampleTable } from './import-tables.tsx'
import { kindsIn } from './kinds.ts'
import { importNow, isQuick } from './work-on-import.ts'

/** What a file would do, and doing it. */
export const importView: View = {
  path: '/admin/import/:id{[0-9]+}',
  access: 'staff',
  narrows: true,
  async get(c) {
    return <ImportPage file={await fileOf(c)} />
  },
  async post(c) {
    const { coin, actor } = c.var
    const file = await fileOf(c)
    const { do: deed, digest } = await c.req.parseBody()
    if (deed === 'drop') {
      await dropImportFile(coin.database.db, file.id)
      return redirectTo(c, uploadPath(file.kind), t('The file is forgotten. Nothing was imported.'))
    }
    const goodRows = deed === 'good'
    const shown = file.state === 'checked' && file.outcome?.digest === digest ? file.outcome : undefined
    const blocked = !shown || (!goodRows && countOf(shown, 'wrong') > 0)
    if (blocked) return redirectTo(c, importPath(file.id), t('This is not what was shown. Look at it again.'), 'fail')
    if (!isQuick(file)) {
      await coin.transaction(actor, async tx => {
        await markApplying(tx, file.id, goodRows)
        await enqueueImport(tx, file.id)
      })
      return redirectTo(c, importPath(file.id))
    }
    await importNow(coin, file, { goodRows })
    return redirectTo(c, importPath(file.id))
  },
}

const fileOf = (c: Context) => requireImportFile(currentScope().db, Number(c.req.param('id')))

function ImportPage({ file }: { file: ImportFile }) {
  const { outcome, state } = file
  const working = state === 'checking' || state === 'applying'
  const plural = kindsIn(currentScope().registry).get(file.kind)?.resource.plural
  return (
    <Page
      title={file.name}
      crumbs={[{ label: t('Import'), href: uploadPath(file.kind) }]}
      head={<Standing file={file} />}
      actions={
        <>
          {state === 'applied' && plural && <ButtonLink href={sitePath(`/admin/${plural}`)}>{t('Back to the list')}</ButtonLink>}
          {(state === 'applied' || state === 'failed' || state === 'dropped') && (
            <ButtonLink href={uploadPath(file.kind)}>{t('Import another file')}</ButtonLink>
          )}
        </>
      }
    >
      <Stack>
        {working && <Working file={file} />}
        {state === 'failed' && file.error && (
          <Note tone="fail" live>
            {t(file.error.message, file.error.values)} {t('Nothing was imported.')}
          </Note>
        )}
        {state === 'dropped' && <Note tone="wait">{t('This file is not kept any more. Nothing was imported.')}</Note>}
        {outcome && state === 'checked' && <Decide file={file} outcome={outcome} />}
        {outcome && !working && <Figures outcome={outcome} done={state === 'applied'} />}
        {outcome && !working && <LeftOut outcome={outcome} />}
        {outcome && !working && outcome.problems.length > 0 && <ProblemTable file={file} outcome={outcome} />}
        {outcome && state === 'checked' && outcome.sample.length > 0 && <SampleTable outcome={outcome} />}
      </Stack>
    </Page>
  )
}

function Standing({ file: { state, outcome } }: { file: ImportFile }) {
  if (state === 'applied') return <State tone="ok">{t('Imported')}</State>
  if (state === 'failed') return <State tone="fail">{t('Cannot be imported')}</State>
  if (state === 'dropped')
    return (
      <State tone="none" icon="circle-dashed">
        {t('Forgotten')}
      </State>
    )
  if (state === 'checked')
    return outcome && countOf(outcome, 'wrong') > 0 ? (
      <State tone="drift">{t('To mend')}</State>
    ) : (
      <State tone="wait">{t('Only shown')}</State>
    )
  return <State tone="wait">{state === 'checking' ? t('Being looked at') : t('Being imported')}</State>
}

const Working = ({ file: { state, done, total } }: { file: ImportFile }) => (
  <Poll id="import" seconds={3}>
    <section class="card">
      <div class="card-body">
        <Progress label={state === 'checking' ? t('Rows looked at') : t('Rows imported')} done={done} total={Math.max(total, 1)} />
        <p class="small quiet m-0">
          {t('You can leave this page.')} {t('Without JavaScript, load it again to see more.')}
        </p>
      </div>
    </section>
  </Poll>
)

/** What can be done with the file now: import it, only its good rows, or mend it. */
function Decide({ file, outcome }: { file: ImportFile; outcome: ImportOutcome }) {
  const [good, wrong] = [countOf(outcome, 'new', 'changed'), countOf(outcome, 'wrong')]
  const unreadable = isUnreadable(outcome)
  return (
    <Card title={t('Your file')}>
      {file.moved && (
        <Note tone="drift" live>
          {t('Something changed since this was shown, so that nothing was imported. This is what the import would do now.')}
        </Note>
      )}
      <p>{verdictOf(good, wrong, unreadable)}</p>
      <form class="actions" method="post" action={importPath(file.id)}>
        <input type="hidden" name="digest" value={outcome.digest} />
        {good > 0 && wrong === 0 && !unreadable && (
          <button class="btn btn-primary" type="submit" name="do" value="all">
            {t('Import {{count}} rows', { count: good })}
          </button>
        )}
        {wrong > 0 && (
          <a class="btn btn-primary" href={uploadPath(file.kind)}>
            {t('Send the mended file')}
          </a>
        )}
        {good > 0 && wrong > 0 && !unreadable && (
          <button class="btn" type="submit" name="do" value="good">
            {t('Import only the {{count}} good rows', { count: good })}
          </button>
        )}
        <button class="btn" type="submit" name="do" value="drop">
          {t('Forget the file')}
        </button>
      </form>
    </Card>
  )
}

function verdictOf(good: number, wrong: number, unreadable: boolean): string {
  if (unreadable) return t('The file cannot be imported as it is: what to do is said below. Mend it and send it again.')
  if (wrong > 0)
    return t(
      '{{count}} rows have mistakes: each is listed below, with what to do. Mend them in your file and send it again; nothing is imported until then.',
      { count: wrong },
    )
  if (good === 0) return t('Everything in the file is here already: there is nothing to import.')
  return t('All rows are right. They are imported together, or not at all.')
}

function Figures({ outcome, done }: { outcome: ImportOutcome; done: boolean }) {
  const wrong = countOf(outcome, 'wrong')
  return (
    <Stats
      items={[
        { label: done ? t('Added') : t('New'), value: String(countOf(outcome, 'new')), note: done ? undefined : t('would be added') },
        { label: t('Changed'), value: String(countOf(outcome, 'changed')), note: done ? undefined : t('would be changed') },
        { label: t('The same'), value: String(countOf(outcome, 'same')), note: t('are here already') },
        { label: t('Wrong'), value: String(wrong), bad: wrong > 0, note: done ? t('were left out') : t('to mend') },
      ]}
    />
  )
}

/** Columns and tables of the file that mean nothing here. */
function LeftOut({ outcome: { counts, leftOut } }: { outcome: ImportOutcome }) {
  const unknown = counts.flatMap(({ unknown }) => unknown)
  if (unknown.length === 0 && leftOut.length === 0) return null
  return (
    <Card title={t('Left out')} body={false}>
      <CardBody>
        <ul class="m-0">
          {unknown.map(({ heading, nearest }) => (
            <li class="text-break">
              {nearest
                ? t('The column “{{heading}}” is none of ours. Did you mean “{{nearest}}”?', { heading: heading.slice(0, 80), nearest })
                : t('The column “{{heading}}” is none of ours.', { heading: heading.slice(0, 80) })}
            </li>
          ))}
          {leftOut.map(name => (
            <li class="text-break">{t('The table “{{name}}” is none of ours, or not asked for.', { name: name.slice(0, 80) })}</li>
          ))}
        </ul>
      </CardBody>
    </Card>
  )
}
