import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import {
  ButtonLink,
  Card,
  Cols,
  Empty,
  errorOf,
  Facts,
  Field,
  Form,
  formatDate,
  localDate,
  Page,
  PostButton,
  Stack,
  Table,
} from '../ui/index.ts'
import { Conversation } from './conversation.tsx'
import { kindLabel } from './kinds.ts'
import type { Asked, Message } from './queries.ts'
import type { RequestRow } from './tables.ts'
import { RequestState } from './words.tsx'

type OwnRequest = RequestRow & { readonly about: string }

/** All that a member has asked for. */
export const OwnRequestsPage = ({ requests }: { requests: readonly OwnRequest[] }) => (
  <Page
    title={t('My requests')}
    actions={
      <ButtonLink href={url('request:choose')} icon="plus" kind="primary">
        {t('Ask for something')}
      </ButtonLink>
    }
  >
    <section class="card">
      <Table<OwnRequest>
        caption={t('My requests')}
        rows={requests}
        rowHref={({ id }) => url('request:own', { id })}
        empty={
          <Empty title={t('No request yet')} icon="message">
            {t('Ask for a new subscription, for the end of one, or for anything else. What we answer shows here.')}
          </Empty>
        }
        columns={[
          { key: 'kind', label: t('Request'), render: ({ kind }) => kindLabel(kind), sub: ({ about }) => about },
          { key: 'openedAt', label: t('Asked'), wide: true, render: ({ openedAt }) => formatDate(localDate(openedAt), 'table') },
          { key: 'state', label: t('State'), align: 'end', render: ({ state, kind }) => <RequestState state={state} kind={kind} own /> },
        ]}
      />
    </section>
  </Page>
)

interface OwnRequestProps {
  readonly request: RequestRow
  readonly asked: readonly Asked[]
  readonly messages: readonly Message[]
  readonly text: string
  readonly errors: readonly FieldError[]
}

/** One request of the member who looks. */
export function OwnRequestPage({ request, asked, messages, text, errors }: OwnRequestProps) {
  const open = request.state === 'open' || request.state === 'waiting'
  return (
    <Page
      title={kindLabel(request.kind)}
      crumbs={[{ label: t('My requests'), href: url('request:list') }]}
      head={<RequestState state={request.state} kind={request.kind} own />}
      errors={errors}
      actions={
        open && (
          <PostButton action={url('request:withdraw', { id: request.id })} icon="x">
            {t('Withdraw it')}
          </PostButton>
        )
      }
    >
      <Cols wideLeft>
        <Stack side>
          <Card title={t('What you asked for')}>
            <Facts
              items={[
                ...asked.map(({ label, value }) => ({ label, value })),
                { label: t('Asked'), value: formatDate(localDate(request.openedAt)) },
                request.closedAt && { label: t('Answered'), value: formatDate(localDate(request.closedAt)) },
              ]}
            />
          </Card>
        </Stack>
        <Card title={t('What was said')} body={false}>
          <div class="card-body">
            <Conversation messages={messages} request={request} own />
          </div>
          {open && (
            <Form action={url('request:message', { id: request.id })} submit={t('Send')} frame="card-body">
              <Field
                name="text"
                kind="textarea"
                rows={4}
                label={request.state === 'waiting' ? t('Your answer') : t('Add something')}
                value={text}
                error={errorOf(errors, 'text')}
              />
            </Form>
          )}
        </Card>
      </Cols>
    </Page>
  )
}
