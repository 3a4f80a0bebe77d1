import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, CopyButton, Note, Page, Stack } from '../ui/index.ts'

/** The recovery codes, this once; the page prints well. */
export const RecoveryCodesPage = ({ codes }: { codes: readonly string[] }) => (
  <Page title={t('Your recovery codes')} crumbs={[{ label: t('Two factors'), href: url('accounts:secondFactor') }]}>
    <Stack>
      <Note tone="ok" live>
        {t('Signing in takes a code from now on. Keep these for the day when the app is lost: each lets you in once.')}
      </Note>
      <Card title={t('Print or write them down')}>
        <p>{t('They are not shown again. Keep them where your password is not.')}</p>
        <code class="secret">
          {codes.map((code, index) => (
            <>
              {index > 0 && <br />}
              {code}
            </>
          ))}
        </code>
        <p class="row-flex">
          <CopyButton value={codes.join('\n')} />
        </p>
        <p>
          <ButtonLink href={url('accounts:secondFactor')} kind="primary">
            {t('I have kept them')}
          </ButtonLink>
        </p>
      </Card>
    </Stack>
  </Page>
)
