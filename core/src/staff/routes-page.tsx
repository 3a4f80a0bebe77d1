import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { Card, Page, Table } from '../ui/index.ts'
import type { StatedRoute } from '../web/stated.ts'
import { type Audience, type WhoMay, whoMay } from '../web/who-may.ts'
import { allRoles } from './queries.ts'

/** Every page of the site and who may use it, as `coin permissions` says it. */
export const routesView: View = {
  path: '/admin/permissions',
  access: 'role.view',
  async get(c) {
    const roles = await allRoles(currentScope().db)
    return <RoutesPage rows={c.var.routes().map(route => ({ ...route, who: whoMay(route, roles) }))} />
  },
}

type Row = StatedRoute & { readonly who: WhoMay }

const RoutesPage = ({ rows }: { rows: readonly Row[] }) => (
  <Page title={t('Who may open which page')}>
    <Card title={t('Pages')} body={false}>
      <Table
        caption={t('Pages, by address')}
        rows={rows}
        columns={[
          {
            key: 'path',
            label: t('Address'),
            render: ({ method, path }) => <code class="text-break">{`${method} ${path}`}</code>,
            sub: ({ name }) => name,
            narrow: ({ who }) => inWords(who),
          },
          { key: 'who', label: t('Who'), wide: true, render: ({ who }) => inWords(who) },
        ]}
      />
    </Card>
  </Page>
)

function inWords({ audience, roles }: WhoMay): string {
  const audiences: Readonly<Record<Audience, string>> = {
    everybody: t('everybody'),
    signed_in: t('whoever signed in'),
    members: t('members'),
    programs: t('programs with a token'),
    owner: t('the member whose it is'),
  }
  const named = roles.map(({ name, limited }) => (limited ? t('{{role}} (for its offers and groups)', { role: name }) : name))
  return [...(audience ? [audiences[audience]] : []), ...named].join(', ') || t('nobody')
}
