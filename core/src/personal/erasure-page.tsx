import type { Context } from 'hono'
import { textsOf } from '../accounts/form.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import type { FieldError } from '../errors.ts'
import { Card, Form, formatDateTime, Note, Page, PostButton, Stack } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { ErasureState, obstacleWords } from './erasure-words.tsx'
import { askForErasure, type Erasure, lastErasure, type Obstacle, obstaclesFor, withdrawErasure } from './erasures.ts'
import { Outlook, outlookOf } from './outlook.tsx'
import { type Proof, proofNeeded, proofProblem } from './proof.ts'
import { ProofField } from './proof-field.tsx'

/** Asking to be forgotten: first what that means. */
export const erasure: View = {
  path: '/me/data/erasure',
  access: 'member',
  get: async c => <ErasurePage {...(await load(c))} />,
  async post(c) {
    const { password, withdraw } = await textsOf(c, 'password', 'withdraw')
    const { coin, actor } = c.var
    const memberId = currentScope().actor.memberId ?? 0
    if (withdraw) {
      await coin.transaction(actor, tx => withdrawErasure(tx, memberId))
      return redirectTo(c, url('personal:erasure'), t('You have taken your request back.'))
    }
    const problem = await proofProblem(c, password)
    if (problem) {
      c.status(422)
      return <ErasurePage {...(await load(c))} errors={[problem]} />
    }
    await coin.transaction(actor, tx => askForErasure(tx, memberId, false))
    return redirectTo(c, url('personal:erasure'), t('We have your request. We answer within a month, by mail.'))
  },
}

interface Shown {
  readonly needed: Proof
  readonly last: Erasure | undefined
  readonly obstacles: readonly Obstacle[]
  readonly lines: Awaited<ReturnType<typeof outlookOf>>
  readonly errors?: readonly FieldError[]
}

async function load(c: Context): Promise<Shown> {
  const { db, actor } = currentScope()
  const memberId = actor.memberId ?? 0
  return {
    needed: await proofNeeded(c),
    last: await lastErasure(db, memberId),
    obstacles: await obstaclesFor(db, memberId),
    lines: await outlookOf(db, memberId),
  }
}

const ErasurePage = ({ needed, last, obstacles, lines, errors = [] }: Shown) => (
  <Page
    title={t('Have my data erased')}
    crumbs={[{ label: t('My data'), href: url('personal:data') }]}
    head={last && <ErasureState of={last} />}
    errors={errors}
  >
    <Stack>
      {obstacles.length > 0 && (
        <Note tone="wait">
          <b>{t('We cannot erase anything yet.')}</b>
          <ul class="mb-0">
            {obstacles.map(obstacle => (
              <li>{obstacleWords(obstacle)}</li>
            ))}
          </ul>
        </Note>
      )}
      {last?.state === 'refused' && (
        <Note tone="fail">
          <b>{t('We refused your last request.')}</b> {last.reason}
        </Note>
      )}
      {last?.state === 'asked' ? <Asked of={last} /> : <Ask needed={needed} errors={errors} />}
      <Outlook lines={lines} />
    </Stack>
  </Page>
)

const Asked = ({ of }: { of: Erasure }) => (
  <Card title={t('Your request')}>
    <p>{t('You asked on {{moment}}. We answer within a month, by mail.', { moment: formatDateTime(of.askedAt) })}</p>
    <PostButton action={url('personal:erasure')} fields={{ withdraw: '1' }}>
      {t('Take the request back')}
    </PostButton>
  </Card>
)

const Ask = ({ needed, errors }: { needed: Proof; errors: readonly FieldError[] }) => (
  <Card title={t('Ask for it')} body={false}>
    <Form action={url('personal:erasure')} submit={t('Ask for erasure')} kind="danger" frame="card-body" cancel={url('personal:data')}>
      <p>
        {t(
          'A person looks at your request and carries it out. You cannot sign in any more then, and nobody can undo it: download a copy first.',
        )}
      </p>
      <ProofField needed={needed} errors={errors} />
    </Form>
  </Card>
)
