import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { textsOf } from '../accounts/form.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import type { FieldError } from '../errors.ts'
import { ButtonLink, Card, Field, Form, Moment, Page, Stack } from '../ui/index.ts'
import { answerCopy, formatOf } from './answer-copy.ts'
import { ErasureState } from './erasure-words.tsx'
import { type Erasure, lastErasure } from './erasures.ts'
import { type Proof, proofNeeded, proofProblem } from './proof.ts'
import { ProofField } from './proof-field.tsx'
import { RegisterTable } from './register-table.tsx'

interface Shown {
  readonly needed: Proof
  readonly erasure: Erasure | undefined
  readonly lastCopy: string | undefined
  readonly errors?: readonly FieldError[]
}

/** The member's own data: a copy of them, their erasure, and what is held why. */
export const data: View = {
  path: '/me/data',
  access: 'member',
  get: async c => <DataPage {...(await load(c))} />,
  async post(c) {
    const { format, password } = await textsOf(c, 'format', 'password')
    const problem = await proofProblem(c, password)
    if (problem) {
      c.status(422)
      return <DataPage {...(await load(c))} errors={[problem]} />
    }
    return answerCopy(c, currentScope().actor.memberId ?? 0, formatOf(format), true)
  },
}

async function load(c: Context): Promise<Shown> {
  const { db, actor } = currentScope()
  const memberId = actor.memberId ?? 0
  const copies = await db.execute<{ at: string }>(
    sql`SELECT to_json(made_at) #>> '{}' AS at FROM data_copy WHERE member_id = ${memberId} ORDER BY id DESC LIMIT 1`,
  )
  return { needed: await proofNeeded(c), erasure: await lastErasure(db, memberId), lastCopy: copies.rows[0]?.at }
}

const DataPage = ({ needed, erasure, lastCopy, errors = [] }: Shown) => (
  <Page title={t('My data')} crumbs={[{ label: t('My details'), href: url('home:me') }]} errors={errors}>
    <Stack>
      <div class="cols even">
        <Card title={t('A copy of everything')} body={false}>
          <Form action={url('personal:data')} submit={t('Download')} frame="card-body">
            <p>
              {t(
                'Everything that we hold about you, as of this moment: who you are, your subscriptions, bills, addresses, mails and what changed.',
              )}
            </p>
            <Field
              name="format"
              label={t('As what')}
              value="html"
              options={[
                { value: 'html', label: t('A page'), hint: t('To read and to print') },
                { value: 'json', label: t('A file for programs (JSON)'), hint: t('To take along to somebody else') },
              ]}
            />
            <ProofField needed={needed} errors={errors} />
            {lastCopy && (
              <p class="hint">
                {t('Last downloaded')} <Moment at={lastCopy} />
              </p>
            )}
          </Form>
        </Card>
        <Card title={t('Having it erased')} actions={erasure && <ErasureState of={erasure} />}>
          <p>
            {t(
              'When you have left, you can ask us to erase what we hold about you. What the law makes us keep, such as bills, is kept for its term and then erased by itself.',
            )}
          </p>
          <div class="actions">
            <ButtonLink href={url('personal:erasure')}>{t('See what would be erased')}</ButtonLink>
          </div>
        </Card>
      </div>
      <Card title={t('What we hold about you, and why')} body={false}>
        <RegisterTable />
      </Card>
    </Stack>
  </Page>
)
