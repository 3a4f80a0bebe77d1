import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { Card, CardBody, Drop, Field, Form, formatDateTime, Note, PostButton, Stack, Table } from '../ui/index.ts'
import type { OwnAccount, OwnPasskey } from './own-account.ts'
import { AddPasskey } from './passkey-form.tsx'

/** The passkeys of an account: each with its name, and a form to add one. */
export const PasskeysCard = ({ account, possible }: { account: OwnAccount; possible: boolean }) => (
  <Card title={t('Passkeys')} body={false}>
    {account.passkeys.length > 0 && (
      <Table
        caption={t('Passkeys, the oldest first')}
        rows={account.passkeys}
        columns={[
          { key: 'name', label: t('Name'), render: nameOf, sub: row => t('Added on {{at}}', { at: formatDateTime(row.createdAt) }) },
          { key: 'do', label: t('Change'), unlabelled: true, align: 'end', render: row => <Actions passkey={row} /> },
        ]}
      />
    )}
    <CardBody>
      <Stack>
        <p>{t('A passkey is on your telephone, your computer or a security key, and replaces the password and the code.')}</p>
        {possible ? (
          <AddPasskey hasPassword={account.hasPassword} />
        ) : (
          <Note>{t('Passkeys need a site with a name and https. Whoever runs this one can set that up.')}</Note>
        )}
      </Stack>
    </CardBody>
  </Card>
)

const nameOf = (passkey: OwnPasskey) => passkey.name || t('Passkey without a name')

const Actions = ({ passkey: { id, name } }: { passkey: OwnPasskey }) => (
  <div class="row-flex">
    <Drop label={t('Rename')}>
      <Form action={url('accounts:renamePasskey', { passkey: id })} submit={t('Rename')} frame="plain">
        <Field name="name" id={`name-${id}`} label={t('Name')} value={name} autocomplete="off" />
      </Form>
    </Drop>
    <PostButton action={url('accounts:removePasskey', { passkey: id })} small>
      {t('Remove')}
    </PostButton>
  </div>
)
