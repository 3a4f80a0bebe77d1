import type { Context } from 'hono'
import { type LoadedField, loadFields, settleFields } from '../admin/fields.ts'
import { fieldErrors, isCorrectable, ResourceForm, readForm, readVersion, summaryOf } from '../admin/form.tsx'
import { Meanwhile } from '../admin/form-page.tsx'
import { type HistoryEntry, type ToldEntry, tellHistory } from '../admin/history.ts'
import { parseInput } from '../admin/parse-input.ts'
import { t } from '../app/i18n.ts'
import type { OwnField } from '../app/members-config.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { countries, memberFields } from '../members/fields.ts'
import { OpenpgpKey } from '../members/openpgp-key.tsx'
import { accountOf, memberOf } from '../members/queries.ts'
import { changeMember, type MemberChange } from '../members/rules.ts'
import { type Member, members } from '../members/tables.ts'
import { waitingEmail } from '../personal/email-change.ts'
import { ButtonLink, Card, Facts, formatDate, Note, Page, Stack, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'

/** The member who asks. */
export async function ownMember(c: Context): Promise<Member> {
  const { memberId } = currentScope().actor
  const member = memberId === undefined ? undefined : await memberOf(c.var.coin.database.db, memberId)
  if (!member) throw new CoinError('not_found', 'This member does not exist.')
  return member
}

/** What we know of the member who looks. */
export const me: View = {
  path: '/me',
  access: 'member',
  async get(c) {
    const { db } = currentScope()
    const member = await ownMember(c)
    const [account, waiting] = [await accountOf(db, member.id), await waitingEmail(db, member.id)]
    return <MePage member={member} signIn={account?.email} waiting={waiting?.email} />
  },
}

const MePage = ({ member, signIn, waiting }: { member: Member; signIn: string | undefined; waiting: string | undefined }) => (
  <Page
    title={t('My details')}
    actions={
      <>
        {isOwn('email') && <ButtonLink href={url('personal:email')}>{t('Change the e-mail address')}</ButtonLink>}
        {formFields().length > 0 && (
          <ButtonLink href={url('home:change')} icon="pencil">
            {t('Change')}
          </ButtonLink>
        )}
      </>
    }
  >
    {waiting && <Note tone="wait">{t('{{email}} waits to be confirmed: open the link that we mailed there.', { email: waiting })}</Note>}
    <div class="cols even">
      <Card title={t('How to reach you')}>
        <Facts
          items={[
            { label: t('E-mail address'), value: member.email },
            signIn !== undefined && signIn !== member.email && { label: t('You sign in as'), value: signIn },
            { label: t('Mobile phone'), value: member.mobilePhone },
            { label: t('Home phone'), value: member.homePhone },
            { label: t('Postal address'), value: <PostalLines member={member} /> },
            { label: t('Reminders of the membership fee'), value: member.feeReminders ? t('We send them') : t('You asked for none') },
          ]}
        />
        {notOwn().length > 0 && (
          <p class="hint">
            {t('Only we can change: {{fields}}.', { fields: notOwn().join(', ') })} <AskUs />
          </p>
        )}
      </Card>
      <Stack>
        <Card title={t('Who you are')}>
          <Facts
            items={[
              { label: t('Name'), value: member.displayName },
              member.kind === 'legal' && { label: t('Contact'), value: `${member.firstName} ${member.lastName}`.trim() },
              { label: t('Nickname'), value: member.nickname },
              { label: t('Username'), value: member.username },
              {
                label: t('Member since'),
                value:
                  member.status === 'pending'
                    ? t('You asked to join on {{date}}.', { date: formatDate(member.joinedOn) })
                    : formatDate(member.joinedOn),
              },
              member.resignedOn !== null && { label: t('Last day'), value: formatDate(member.resignedOn) },
            ]}
          />
          <p class="hint">
            {t('Is your name wrong, or do you want to leave?')} <AskUs />
          </p>
        </Card>
        <Card title={t('Public keys')}>
          {member.openpgpKey ? <OpenpgpKey armoured={member.openpgpKey} /> : <p class="quiet">{t('We know no OpenPGP key of yours.')}</p>}
          <p class="quiet">
            {member.sshKeys
              ? t('We know {{count}} SSH keys of yours.', { count: member.sshKeys.split('\n').length })
              : t('We know no SSH key of yours.')}
          </p>
        </Card>
      </Stack>
    </div>
    <nav class="row-flex" aria-label={t('More about you')}>
      <ButtonLink href={url('personal:data')} icon="download">
        {t('My data')}
      </ButtonLink>
      <ButtonLink href={url('accounts:account')} icon="shield-lock">
        {t('Password and security')}
      </ButtonLink>
    </nav>
  </Page>
)

/** How one has changed what one cannot change oneself: by a request, where these are taken. */
const AskUs = () =>
  currentScope().registry.routes.some(({ path }) => path === '/requests/new') ? (
    <a href={sitePath('/requests/new')}>{t('Ask us to change it.')}</a>
  ) : (
    t('Write to us: only we can change these.')
  )

const isOwn = (field: OwnField) => currentScope().registry.config.members.editable.includes(field)

/** The fields of the form; the e-mail address has a page of its own, because it is confirmed. */
const formFields = () => currentScope().registry.config.members.editable.filter(field => field !== 'email')

/** Of how to reach somebody, what only staff change. */
const notOwn = () =>
  (['email', 'mobilePhone', 'homePhone', 'address', 'postalCode', 'city', 'country'] as const)
    .filter(field => !isOwn(field))
    .map(field => t(memberFields[field].label))

const PostalLines = ({ member }: { member: Member }) => {
  const country = countries().find(({ value }) => value === member.country)?.label ?? member.country
  const lines = [...member.address.split('\n'), `${member.postalCode} ${member.city}`.trim(), country].filter(Boolean)
  return (
    <>
      {lines.map((line, index) => (
        <>
          {index > 0 && <br />}
          {line}
        </>
      ))}
    </>
  )
}

/** The form in which members change what is theirs to change. */
export const change: View = {
  path: '/me/change',
  access: 'member',
  async get(c) {
    mayChange()
    const member = await ownMember(c)
    return <ChangePage fields={await fields(c)} values={member} version={member.version} />
  },
  async post(c) {
    mayChange()
    const { coin, actor } = c.var
    const member = await ownMember(c)
    const loaded = await fields(c)
    const raw = await readForm(c, loaded)
    const version = (await readVersion(c)) ?? member.version
    const again = (errors: readonly FieldError[]) => {
      c.status(422)
      return <ChangePage fields={loaded} values={raw} errors={errors} version={version} />
    }
    const parsed = await parseInput(coin.registry, coin.database.db, settled(), raw, 'change', member)
    if (!parsed.ok) return again(parsed.errors)
    try {
      await coin.transaction(actor, tx => changeMember(tx, member.id, parsed.values as MemberChange, version))
    } catch (error) {
      if (!isCoinError(error) || !isCorrectable(error)) throw error
      if (error.code !== 'conflict') return again(fieldErrors(error, loaded))
      c.status(409)
      return <ChangePage fields={loaded} values={raw} version={Number(error.detail.version)} meanwhile={await meanwhile(c, error)} />
    }
    return redirectTo(c, url('home:me'), t('Saved.'))
  },
}

const settled = () => settleFields(members, memberFields, formFields())

function mayChange(): void {
  if (formFields().length === 0) throw new CoinError('forbidden', 'Only the provider changes these here.', { hint: 'Write to us.' })
}

// none of these fields refers to another object
const fields = (c: Context): Promise<LoadedField[]> => loadFields(c.var.coin.registry, c.var.coin.database.db, settled(), async () => [])

/** What others changed of the fields that members see here. Which of the staff it was is not theirs to know. */
async function meanwhile({ var: { coin } }: Context, { detail }: CoinError): Promise<ToldEntry[]> {
  const shown = new Set<string>(settled().map(({ column, name }) => column?.name ?? name))
  // made by staleError
  const entries = (detail.changes as readonly HistoryEntry[]).map(entry => ({
    ...entry,
    actor: entry.actor === currentScope().actor.label ? entry.actor : t('The provider'),
    changes: Object.fromEntries(Object.entries(entry.changes).filter(([column]) => shown.has(column))),
  }))
  const told = entries.filter(({ changes }) => Object.keys(changes).length > 0)
  return tellHistory(coin.registry, coin.database.db, members, memberFields, told)
}

interface ChangeProps {
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly version: number
  readonly errors?: readonly FieldError[]
  readonly meanwhile?: readonly ToldEntry[]
}

const ChangePage = ({ fields, values, version, errors = [], meanwhile }: ChangeProps) => (
  <Page title={t('Change my details')} crumbs={[{ label: t('My details'), href: url('home:me') }]} errors={summaryOf(errors, fields)}>
    {meanwhile && <Meanwhile entries={meanwhile} restart={url('home:change')} />}
    <ResourceForm
      fields={fields}
      values={values}
      errors={errors}
      action={url('home:change')}
      submit={t('Save')}
      cancel={url('home:me')}
      hidden={{ version: String(version) }}
    />
  </Page>
)
