import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { Card, CardBody, Cols, Facts, Field, Form, Moment, Note, Page, PostButton, Stack, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { coversAll, requireRolesCovered } from './giving.ts'
import { inviteAgain } from './invite.ts'
import { PersonState, rolesInWords } from './people-page.tsx'
import { allRoles, lockedPerson, type Person, personNamed } from './queries.ts'
import { ResetFactorsButton } from './reset-factors.tsx'
import { setDisabled, setRoles } from './rules.ts'

/** One account: its roles, and whether it may sign in. */
export const personView: View = {
  path: '/admin/staff/account/:id',
  access: 'user.view',
  get: async c => show(await personIn(c)),
}

/** Gives and takes the roles that are given by hand. */
export const personRolesView: View = {
  path: '/admin/staff/account/:id/roles',
  access: 'user.manage',
  async post(c) {
    const person = await personIn(c)
    const wanted = (await c.req.formData()).getAll('roles').map(Number).filter(Number.isSafeInteger)
    return attempt(c, person, t('The roles are saved.'), async tx => {
      // as they are now, and stay until this is done: a role that was just taken does not come back by this form
      const had = byHand((await lockedPerson(tx, person.id)) ?? person)
      const changed = [...wanted.filter(id => !had.includes(id)), ...had.filter(id => !wanted.includes(id))]
      await requireRolesCovered(tx, c.var.actor, changed)
      await setRoles(tx, person.id, wanted)
    })
  },
}

/** Keeps somebody out at once, or lets them in again. */
export const personDisableView: View = {
  path: '/admin/staff/account/:id/disable',
  access: 'user.manage',
  async post(c) {
    const person = await personIn(c)
    const disabled = person.disabledAt === null
    const done = disabled ? t('The account is disabled, its sessions have ended.') : t('The account can sign in again.')
    return attempt(c, person, done, async tx => {
      await requireRolesCovered(
        tx,
        c.var.actor,
        person.roles.map(({ id }) => id),
      )
      await setDisabled(tx, person.id, disabled)
    })
  },
}

/** Mails the link to choose a password again. */
export const personInviteView: View = {
  path: '/admin/staff/account/:id/invite',
  access: 'user.manage',
  async post(c) {
    const person = await personIn(c)
    const email = await c.var.coin.transaction(c.var.actor, tx => inviteAgain(tx, person.id))
    return redirectTo(c, url('staff:user', { id: person.id }), t('An invitation is on its way to {{email}}.', { email }))
  },
}

const byHand = ({ roles }: Person) => roles.filter(({ source }) => source === 'hand').map(({ id }) => id)

async function personIn(c: Context): Promise<Person> {
  const person = await personNamed(currentScope().db, c.req.param('id') ?? '')
  if (!person) throw new CoinError('not_found', 'There is no such account.')
  return person
}

type Work = Parameters<Context['var']['coin']['transaction']>[1]

async function attempt(c: Context, person: Person, done: string, work: Work): Promise<Response> {
  try {
    await c.var.coin.transaction(c.var.actor, work)
  } catch (error) {
    if (!isCoinError(error) || error.code !== 'refused') throw error
    const sentence = [t(error.message, error.values), error.hint ? t(error.hint, error.values) : ''].filter(Boolean).join(' ')
    return c.html(await show(person, [{ field: '', message: '{{sentence}}', values: { sentence } }]), 422)
  }
  return redirectTo(c, url('staff:user', { id: person.id }), done)
}

async function show(person: Person, errors: readonly FieldError[] = []) {
  const manages = mayEverywhere(currentScope().actor, 'user.manage')
  return (
    <Page title={person.name || person.email} crumbs={[{ label: t('Staff'), href: url('staff:people') }]} errors={errors}>
      <Cols wideLeft>
        <Stack side>
          <Card title={t('Account')} actions={<PersonState person={person} />}>
            <Facts
              items={[
                { label: t('Signs in as'), value: person.email },
                { label: t('Since'), value: <Moment at={person.createdAt} /> },
                { label: t('Last seen'), value: person.lastSeen ? <Moment at={person.lastSeen} relative /> : t('Never') },
                { label: t('Sessions'), value: String(person.sessions) },
                person.member !== null && {
                  label: t('Member'),
                  value: <a href={sitePath(`/admin/members/${person.member.id}`)}>{person.member.name}</a>,
                },
              ]}
            />
            {manages && <Deeds person={person} />}
            {mayEverywhere(currentScope().actor, 'account.reset') && (
              <div class="mt-3">
                <ResetFactorsButton person={person} />
              </div>
            )}
          </Card>
        </Stack>
        <Stack>
          <RolesCard person={person} manages={manages} roles={await allRoles(currentScope().db)} />
        </Stack>
      </Cols>
    </Page>
  )
}

const Deeds = ({ person }: { person: Person }) => (
  <div class="actions mt-3">
    {!person.hasPassword && !person.disabledAt && (
      <PostButton action={url('staff:inviteAgain', { id: person.id })} icon="send">
        {t('Invite again')}
      </PostButton>
    )}
    <PostButton action={url('staff:disable', { id: person.id })} icon={person.disabledAt ? 'user-check' : 'user-off'}>
      {person.disabledAt ? t('Let in again') : t('Disable the account')}
    </PostButton>
  </div>
)

interface RolesCardProps {
  readonly person: Person
  readonly manages: boolean
  readonly roles: Awaited<ReturnType<typeof allRoles>>
}

function RolesCard({ person, manages, roles }: RolesCardProps) {
  const followed = person.roles.filter(({ source }) => source !== 'hand')
  const { actor } = currentScope()
  return (
    <Card title={t('Roles')} id="roles" body={false}>
      {followed.length > 0 && (
        <CardBody>
          <Note>
            <p>
              {t('{{roles}}: from {{source}}, and changed there.', {
                roles: rolesInWords(followed),
                source: [...new Set(followed.map(({ source }) => source))].join(', '),
              })}
            </p>
          </Note>
        </CardBody>
      )}
      {manages ? (
        <Form action={url('staff:roles', { id: person.id })} frame="card-body" submit={t('Save')}>
          <Field
            name="roles"
            kind="checkboxes"
            label={t('Given by hand')}
            hint={t('Holds from their next click on. Whoever has no role does not work here any more.')}
            value={byHand(person).map(String)}
            options={roles.map(({ id, name, permissions, offers, groups }) => ({
              value: String(id),
              label: name,
              hint: offers.length + groups.length > 0 ? t('For some offers or groups') : undefined,
              ...(!coversAll(actor, permissions) && !byHand(person).includes(id) && { disabled: true }),
            }))}
          />
        </Form>
      ) : (
        <CardBody>
          <p>{rolesInWords(person.roles)}</p>
        </CardBody>
      )}
    </Card>
  )
}
