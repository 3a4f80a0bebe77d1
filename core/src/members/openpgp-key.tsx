import { t } from '../app/i18n.ts'
import { keyFacts } from '../system/openpgp.ts'
import { Facts, formatDate, localDate, Note, Stack } from '../ui/index.ts'

/** What there is to compare of an OpenPGP key: its fingerprint, whose it says it is, and until when. */
export async function OpenpgpKey({ armoured }: { armoured: string }) {
  const key = await keyFacts(armoured)
  if (!key) return <Note tone="fail">{t('The OpenPGP key cannot be read: mails to it fail.')}</Note>
  return (
    <Stack>
      {key.problem === undefined ? (
        <Note tone="ok" icon="lock">
          {t('Invoices are sent encrypted to this OpenPGP key.')}
        </Note>
      ) : (
        <Note tone="fail">
          {t('Mails to this OpenPGP key fail.')} {t(key.problem)}
        </Note>
      )}
      <Facts
        items={[
          { label: t('Fingerprint'), value: <span class="text-break">{key.fingerprint}</span> },
          { label: t('Of'), value: key.userIds.join(', ') },
          { label: t('Expires'), value: key.expiresAt === null ? t('Never') : formatDate(localDate(new Date(key.expiresAt))) },
        ]}
      />
    </Stack>
  )
}
