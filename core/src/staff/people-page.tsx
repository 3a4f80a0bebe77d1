import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { ButtonLink, Card, Moment, Page, State, Table } from '../ui/index.ts'
import { DirectoryNote } from './directory-note.tsx'
import { type HeldByPerson, type Person, staffPeople } from './queries.ts'

/** Those who work for the provider, and what each of them may do. */
export const peopleView: View = {
  path: '/admin/staff',
  access: 'user.view',
  get: async () => <PeoplePage people={await staffPeople(currentScope().db)} />,
}

const PeoplePage = ({ people }: { people: readonly Person[] }) => (
  <Page
    title={t('Staff')}
    actions={
      mayEverywhere(currentScope().actor, 'user.manage') && (
        <ButtonLink href={url('staff:invite')} icon="user-plus" kind="primary">
          {t('Invite')}
        </ButtonLink>
      )
    }
  >
    <DirectoryNote />
    <Card title={t('Who works here')} body={false}>
      <Table
        caption={t('Staff, by name')}
        rows={people}
        rowHref={({ id }) => url('staff:user', { id })}
        columns={[
          { key: 'name', label: t('Name'), render: ({ name, email }) => name || email, sub: ({ email }) => email },
          { key: 'roles', label: t('Roles'), wide: true, render: ({ roles }) => rolesInWords(roles) },
          { key: 'state', label: t('State'), render: person => <PersonState person={person} /> },
          {
            key: 'seen',
            label: t('Last seen'),
            wide: true,
            align: 'end',
            render: ({ lastSeen }) => (lastSeen ? <Moment at={lastSeen} relative /> : t('Never')),
          },
        ]}
      />
    </Card>
  </Page>
)

/** The names of roles, each once. */
export const rolesInWords = (roles: readonly HeldByPerson[]): string => [...new Set(roles.map(({ name }) => name))].join(', ') || t('None')

/** Whether somebody can sign in. */
export const PersonState = ({ person }: { person: Person }) =>
  person.disabledAt ? (
    <State tone="fail" icon="user-off">
      {t('Disabled')}
    </State>
  ) : person.hasPassword ? (
    <State tone="ok">{t('Can sign in')}</State>
  ) : (
    <State tone="wait" icon="mail">
      {t('Invited')}
    </State>
  )
