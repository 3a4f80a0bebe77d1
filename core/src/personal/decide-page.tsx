import type { Context } from 'hono'
import { textsOf } from '../accounts/form.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { ButtonLink, Card, errorOf, Facts, Field, Form, formatDateTime, Note, Page, Stack, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { carryOut, refuseErasure } from './carry-out.ts'
import { ErasureState, obstacleForStaff } from './erasure-words.tsx'
import { type Erasure, erasedParts, erasureOf } from './erasures.ts'
import { Outlook, outcomeOf, outlookOf } from './outlook.tsx'

/** One request: what carrying it out would do, or what it did. */
export const decide: View = {
  path: '/admin/erasures/:id{[0-9]+}',
  access: 'personal.erase',
  get: async c => <DecidePage {...(await load(c))} />,
  async post(c) {
    const { verb, reason } = await textsOf(c, 'verb', 'reason')
    const id = Number(c.req.param('id'))
    const { coin, actor } = c.var
    const refuses = verb === 'refuse'
    try {
      await coin.transaction(actor, async tx => {
        await (refuses ? refuseErasure(tx, id, reason) : carryOut(tx, id))
      })
    } catch (error) {
      if (!isCoinError(error) || error.fields.length === 0) throw error
      c.status(422)
      return <DecidePage {...(await load(c))} errors={error.fields} />
    }
    return redirectTo(
      c,
      url('personal:decide', { id }),
      refuses ? t('Refused. The member is told why.') : t('Erased. The member is told what is kept.'),
    )
  },
}

interface Shown {
  readonly of: Erasure
  readonly lines: Awaited<ReturnType<typeof outlookOf>>
  readonly errors?: readonly FieldError[]
}

async function load(c: Context): Promise<Shown> {
  const { db } = currentScope()
  const id = Number(c.req.param('id'))
  const of = Number.isSafeInteger(id) ? await erasureOf(db, id) : undefined
  if (!of) throw new CoinError('not_found', 'There is no such request.')
  return { of, lines: of.state === 'done' ? outcomeOf(await erasedParts(db, id)) : await outlookOf(db, of.memberId) }
}

const DecidePage = ({ of, lines, errors = [] }: Shown) => (
  <Page
    title={t('Erase {{name}}', { name: of.memberName })}
    crumbs={[{ label: t('Requests for erasure'), href: url('personal:erasures') }]}
    head={<ErasureState of={of} />}
    actions={<ButtonLink href={sitePath(`/admin/members/${of.memberId}`)}>{t('See the member')}</ButtonLink>}
    errors={errors}
  >
    <Stack>
      <Card title={t('The request')}>
        <Facts
          items={[
            { label: t('Asked for'), value: formatDateTime(of.askedAt) },
            { label: t('By'), value: of.byStaff ? t('Somebody who works for the provider, for the member') : t('The member') },
            of.decidedAt !== null && { label: t('Decided'), value: formatDateTime(of.decidedAt) },
            of.reason !== '' && { label: t('Reason'), value: of.reason },
          ]}
        />
      </Card>
      {of.state === 'asked' && <Decision of={of} errors={errors} />}
      <Outlook lines={lines} done={of.state === 'done'} />
    </Stack>
  </Page>
)

const Decision = ({ of, errors }: { of: Erasure; errors: readonly FieldError[] }) => (
  <div class="cols even">
    <Card title={t('Carry it out')} body={false}>
      {of.obstacles.length > 0 ? (
        <div class="card-body">
          <Note tone="wait">
            <b>{t('This cannot be carried out yet.')}</b>
            <ul class="mb-0">
              {of.obstacles.map(obstacle => (
                <li>{obstacleForStaff(obstacle)}</li>
              ))}
            </ul>
          </Note>
        </div>
      ) : (
        <Form action={url('personal:decide', { id: of.id })} submit={t('Erase')} kind="danger" frame="card-body" hidden={{ verb: 'erase' }}>
          <p>
            {t(
              'What the law lets go is erased at once, also from the history. Nobody can undo it. A last mail tells the member what is kept.',
            )}
          </p>
        </Form>
      )}
    </Card>
    <Card title={t('Refuse it')} body={false}>
      <Form action={url('personal:decide', { id: of.id })} submit={t('Refuse')} frame="card-body" hidden={{ verb: 'refuse' }}>
        <Field
          name="reason"
          kind="textarea"
          label={t('Why')}
          hint={t('The member reads this, and may complain to the data protection authority.')}
          error={errorOf(errors, 'reason')}
        />
      </Form>
    </Card>
  </div>
)
