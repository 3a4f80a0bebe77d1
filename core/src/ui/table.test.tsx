import { expect, test } from 'vitest'
import { render } from './scope-for-tests.ts'
import { type Column, Table } from './table.tsx'

interface Row {
  readonly id: number
  readonly name: string
}
const columns: readonly Column<Row>[] = [
  { key: 'name', label: 'Member', sort: true, render: row => row.name, sub: row => `COL-${row.id}` },
  { key: 'owed', label: 'Owed', sort: true, align: 'money', wide: true, render: () => '€1.00' },
]
const rows = [{ id: 7, name: '<Amina>' }]

test('rows are named by a header that links, columns sort by links that keep the filters', async () => {
  const html = await render(() => (
    <Table
      caption="Members"
      columns={columns}
      rows={rows}
      rowHref={row => `/admin/members/${row.id}`}
      sort={{ key: 'name' }}
      query="q=a&page=3"
    />
  ))
  expect(html).toContain('<caption class="visually-hidden">Members</caption>')
  expect(html).toContain('<th scope="row"><a href="/admin/members/7">&lt;Amina&gt;</a><span class="sub">COL-7</span></th>')
  expect(html).toMatch(/<th scope="col" aria-sort="ascending"><a href="\?q=a&amp;sort=-name">Member/)
  expect(html).toContain('<th scope="col" class="wide money"><a href="?q=a&amp;sort=owed">Owed</a></th>')
  expect(html).toContain('<td class="wide money">€1.00</td>')
})

test('rows can be chosen, each by its name', async () => {
  const html = await render(() => (
    <Table caption="Members" columns={columns} rows={rows} choose={{ value: row => row.id, label: row => `Choose ${row.name}` }} />
  ))
  expect(html).toContain('type="checkbox" name="id" value="7" aria-label="Choose &lt;Amina&gt;"')
})

test('without rows there is no table', async () => {
  expect(await render(() => <Table caption="Members" columns={columns} rows={[]} empty={<p>No members yet</p>} />)).toBe(
    '<p>No members yet</p>',
  )
})
