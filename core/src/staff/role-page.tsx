import { sql } from 'drizzle-orm'
import { labelsOf } from '../admin/list.ts'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { Card, CardBody, Facts, Icon, Stack, Table } from '../ui/index.ts'
import { otherPermissions } from './permission-list.ts'
import { PermissionTable } from './permission-table.tsx'

interface Holder extends Record<string, unknown> {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** The body of a role's page: for what it holds, what it allows, and who has it. */
export async function RoleDetails({ row, tx }: { row: Row; tx: Tx }) {
  const { registry } = currentScope()
  const [offers, groups] = [row.offers as readonly number[], row.groups as readonly number[]]
  const allowed = new Set(row.permissions as readonly string[])
  const named = async (resource: string, ids: readonly number[]) => [...(await labelsOf(registry, tx, resource, ids)).values()].join(', ')
  const { rows: holders } = await tx.execute<Holder>(sql`
    SELECT u.id, u.name, u.email FROM auth."user" u WHERE u.id IN (SELECT g.user_id FROM user_role g WHERE g.role_id = ${row.id}) ORDER BY u.name, u.email`)
  return (
    <Stack>
      <Card title={t('Holds for')}>
        {offers.length + groups.length === 0 ? (
          <p>{t('Everything: no offer and no group limits it.')}</p>
        ) : (
          <Facts
            items={[
              offers.length > 0 && { label: t('Offers'), value: await named('offer', offers) },
              groups.length > 0 && { label: t('Groups of members'), value: await named('member_group', groups) },
            ]}
          />
        )}
      </Card>
      <Card title={t('What it allows')} body={false}>
        {allowed.has('*') ? (
          <CardBody>
            <p>{t('Everything, also what comes later')}</p>
          </CardBody>
        ) : (
          <>
            <PermissionTable cell={(permission, words) => allowed.has(permission) && <Yes words={words} />} />
            <CardBody>
              <ul>
                {otherPermissions()
                  .filter(({ value }) => allowed.has(value))
                  .map(({ label }) => (
                    <li>{label}</li>
                  ))}
              </ul>
            </CardBody>
          </>
        )}
      </Card>
      <Card title={t('Who has it')} body={false}>
        <Table
          caption={t('Who has it')}
          rows={holders}
          rowHref={({ id }) => url('staff:user', { id })}
          columns={[{ key: 'name', label: t('Name'), render: ({ name, email }) => name || email, sub: ({ email }) => email }]}
          empty={<CardBody>{t('Nobody yet')}</CardBody>}
        />
      </Card>
    </Stack>
  )
}

const Yes = ({ words }: { words: string }) => (
  <>
    <Icon name="check" />
    <span class="visually-hidden">{words}</span>
  </>
)
