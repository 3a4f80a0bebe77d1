import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { Card, Facts, formatNumber, Moment, Note, Page, Stack, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { failureWords } from './mail-error.ts'
import { retryMails, type ShownMail, shownMail } from './mail-list.ts'
import { MailStanding, RetryMail } from './mail-standing.tsx'

/** One mail; its text unless it is secret. */
export const mailPage: View = {
  path: '/admin/mails/:id{[0-9]+}',
  access: 'mail.view',
  async get(c) {
    const id = Number(c.req.param('id'))
    const mail = Number.isSafeInteger(id) ? await shownMail(currentScope().db, id) : undefined
    if (!mail) throw new CoinError('not_found', 'This mail does not exist.')
    return (
      <Page
        title={mail.subject || t('Mail {{id}}', { id })}
        crumbs={[{ label: t('Mails'), href: url('system:mails') }]}
        head={<MailStanding mail={mail} />}
        actions={<RetryMail mail={mail} />}
      >
        <Stack>
          {mail.error !== null && <Note tone="fail">{failureWords(mail.error)}</Note>}
          <Card title={t('Mail')}>
            <Facts
              items={[
                { label: t('To'), value: mail.recipient },
                { label: t('Written'), value: <Moment at={mail.createdAt} /> },
                { label: t('Attempts'), value: mail.attempts },
                { label: t('Encryption'), value: mail.encrypted ? t('To an OpenPGP key') : t('None') },
                mail.aboutId !== null && { label: t('About'), value: <About mail={mail} /> },
                ...mail.attachments.map(({ name, size }) => ({ label: t('Attachment'), value: `${name}, ${sizeWords(size)}` })),
              ]}
            />
          </Card>
          <Card title={t('Text')}>
            {mail.text === null ? <Note icon="lock">{t('It holds a secret and is not shown.')}</Note> : <p class="pre-line">{mail.text}</p>}
          </Card>
        </Stack>
      </Page>
    )
  },
}

/** The row that it tells of, for those who may see it. */
const About = ({ mail: { aboutKind, aboutId } }: { mail: ShownMail }) => {
  const { registry, actor } = currentScope()
  const resource = registry.resources.get(aboutKind ?? '')?.resource
  if (!resource) return <>{`${aboutKind} ${aboutId}`}</>
  const words = `${t(resource.label)} ${aboutId}`
  return may(actor, `${resource.name}.view`) ? <a href={sitePath(`/admin/${resource.plural}/${aboutId}`)}>{words}</a> : <span>{words}</span>
}

/** A size in bytes as people say it. */
const sizeWords = (bytes: number): string =>
  bytes < 1_000_000
    ? t('{{size}} kB', { size: formatNumber(Math.max(1, Math.round(bytes / 1000))) })
    : t('{{size}} MB', { size: formatNumber(Math.round(bytes / 100_000) / 10) })

/** Has one mail that failed tried again, or all of them. */
export const retryMailsView: View = {
  path: '/admin/mails/retry',
  access: 'mail.send',
  async post(c) {
    const { id } = await c.req.parseBody()
    const one = typeof id === 'string' ? Number(id) : undefined
    if (one !== undefined && !Number.isSafeInteger(one)) throw new CoinError('not_found', 'This mail does not exist.')
    const count = await c.var.coin.transaction(c.var.actor, tx => retryMails(tx, one))
    return redirectTo(c, url('system:mails'), t('{{count}} mails are tried again.', { count }))
  },
}
