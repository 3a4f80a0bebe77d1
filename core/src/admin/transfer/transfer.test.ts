import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import simpleDslApp, { simpleDsl } from '../../../../apps/simple_dsl/index.ts'
import { defineApp } from '../../app/app.ts'
import { defineConfig } from '../../app/config.ts'
import { createRegistry } from '../../app/registry.ts'
import { defineResource } from '../../app/resource.ts'
import { startWorker } from '../../jobs/worker.ts'
import { addConfiguration, addMember } from '../../testing/factories.ts'
import { until } from '../../testing/until.ts'
import { type TestClient, type TestWeb, testWeb } from '../../testing/web.ts'
import { adminSite, boxApp, boxResource, boxSql, staff as person } from '../fixture.tsx'

let site: TestWeb
let staff: TestClient
beforeAll(async () => {
  site = await testWeb({ apps: [simpleDslApp(), boxApp()] })
  await site.coin.pool.query(boxSql)
  staff = await site.signIn('staff')
})
afterAll(() => site.close())

const send = (who: TestClient, kind: string, content: string | Uint8Array, name = 'rows.csv') => {
  const form = new FormData()
  form.set('kind', kind)
  form.set('file', new File([content as BlobPart], name))
  return who.request('/admin/import', { method: 'POST', body: form, headers: { Origin: 'http://coin.test', Accept: 'text/html' } })
}
/** Sends a file and gives the path of what was found in it. */
const look = async (kind: string, content: string | Uint8Array, name?: string) => {
  const answer = await send(staff, kind, content, name)
  if (answer.status !== 303) throw new Error(`${answer.status} ${wordsOf(await answer.text())}`)
  return String(answer.headers.get('location'))
}
const wordsOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')
const apply = async (path: string, deed = 'all') => {
  const page = await staff.page(path)
  const digest = /name="digest" value="(\w+)"/.exec(page)?.[1] ?? ''
  const answer = await staff.post(path, { do: deed, digest })
  expect(answer.status).toBe(303)
  return wordsOf(await staff.page(path))
}
const count = async (sql: string) => Number((await site.coin.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n)

describe('a file that is exported', () => {
  it('is imported again without a change, whatever the kind and the format', async () => {
    await addConfiguration(site.coin, simpleDsl, { phoneNumber: '+33 1 02 03 04 05' })
    await addMember(site.coin, { lastName: '=HYPERLINK("x")', firstName: 'O\'Neill; "Zoé"' })
    const lists = { members: 'member', subscriptions: 'subscription', offers: 'offer', configurations: 'simple_dsl' }
    for (const format of ['csv', 'xlsx', 'json'])
      for (const [plural, kind] of Object.entries(lists)) {
        const answer = await staff.get(`/admin/${plural}/export?format=${format}${kind === 'simple_dsl' ? '&view=simple_dsl' : ''}`)
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(answer.headers.get('content-disposition')).toMatch(new RegExp(`filename="${plural}-\\d{4}-\\d\\d-\\d\\d\\.${format}"`))
        const path = await look(kind, new Uint8Array(await answer.arrayBuffer()), `${plural}.${format}`)
        expect(wordsOf(await staff.page(path)), `${plural} ${format}`).toMatch(/there is nothing to import.*New 0 .*Changed 0 .*Wrong 0/)
      }
  })

  it('has the rows of the list and no others, dates, plain amounts, names of what is referred to, and nothing secret', async () => {
    const member = await addMember(site.coin, { firstName: 'Amina', lastName: 'Berthier' })
    await site.coin.pool.query(
      `INSERT INTO box (name, color, price, made_on, code, member_id, note) VALUES ('blue one', 'blue', 1234.5, '2026-02-01', 'hidden', $1, '-1+2'), ('red one', 'red', 1, NULL, '', NULL, '')`,
      [member],
    )
    const csv = Buffer.from(await (await staff.get('/admin/boxes/export?format=csv&color=blue')).arrayBuffer()).toString()
    expect(csv).toMatch(/^\ufeffid,name,color,weight,price,pieces,madeOn,fragile,prefix,note,member,memberId,owner\r\n/)
    expect(csv).toMatch(/,blue one,blue,,1234.50,1,2026-02-01,false,,'-1\+2,aberthier,\d+,Amina Berthier\r\n$/)
    expect(csv).not.toContain('hidden')
    expect(csv.split('\r\n')).toHaveLength(3)
    expect(wordsOf(await staff.page('/admin/boxes/export?color=blue'))).toContain('1 row')
    await site.coin.pool.query('DELETE FROM box')
  })
})

const header = 'Prénom;Nom;Identifiant;Adresse électronique;Membre depuis;Langue\r\n'
const line = (n: number) => `Zoé;Import ${n};zimport${n};zimport${n}@example.org;01/02/2026;fr\r\n`

describe('staff import 500 members', () => {
  const bad = {
    10: 'Zoé;Import 10;zimport10;no address;01/02/2026;fr\r\n',
    20: 'Zoé;Import 20;zimport20;zimport20@example.org;31/02/2026;fr\r\n',
    30: 'Zoé;Import 30;zimport1;zimport30@example.org;01/02/2026;fr\r\n',
    40: 'Zoé;Import 40;Not a name!;zimport40@example.org;01/02/2026;fr\r\n',
    50: 'Zoé;Import 50;zimport50;;01/02/2026;klingon\r\n',
  }
  const rows = Array.from({ length: 500 }, (_, index) => bad[(index + 1) as keyof typeof bad] ?? line(index + 1)).join('')
  // as a spreadsheet in France saves it
  const file = Buffer.from(header + rows, 'latin1')
  const added = () => count("member WHERE username LIKE 'zimport%'")

  it('and every mistake is said at once, with its line, its field and what to do: nothing is imported', async () => {
    const path = await look('member', file)
    const page = wordsOf(await staff.page(path))
    expect(page).toMatch(/5 rows have mistakes/)
    expect(page).toMatch(/New 495 .*Wrong 5/)
    const csv = await (await staff.get(`${path}/problems.csv`)).text()
    expect(csv).toContain('Members,11,E-mail address,no address,Give an e-mail address such as')
    expect(csv).toContain('Members,21,Member since,31/02/2026,February has 28 days.')
    expect(csv).toMatch(/Members,31,Username,zimport1,This is the same row as on line 2/)
    expect(csv).toMatch(/Members,41,Username,Not a name!,/)
    expect(csv).toMatch(/Members,51,E-mail address,,E-mail address is missing/)
    expect(csv).toMatch(/Members,51,Language,klingon,/)
    expect(page.match(/What to do.*The first rows/)?.[0]).toContain('February has 28 days')
    await staff.post(path, { do: 'all', digest: /name="digest" value="(\w+)"/.exec(await staff.page(path))?.[1] ?? '' })
    expect(await added()).toBe(0)
    expect(await apply(path, 'good')).toMatch(/Imported.*Added 495/)
    expect(await added()).toBe(495)
  })

  it('and the mended file adds the others; a second time it changes nothing', async () => {
    const mended = header + Array.from({ length: 500 }, (_, index) => line(index + 1)).join('')
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(mended, 'utf16le')])
    const path = await look('member', utf16)
    expect(wordsOf(await staff.page(path))).toMatch(/New 5 .*The same 495/)
    await apply(path)
    expect(await added()).toBe(500)
    expect(wordsOf(await staff.page(await look('member', utf16)))).toMatch(/nothing to import.*New 0 .*The same 500/)
  })

  it('and one without usernames: what came in before is known by address and name, whatever the case', async () => {
    const people = (email = '') =>
      [
        'email;firstName;lastName;organizationName;kind;city',
        'family@example.net;Zoé;Dupont;;natural;Lyon',
        'family@example.net;Adam;Dupont;;natural;Lyon',
        'office@example.net;;;Fournil;legal;Lyon',
        'alone@example.net;;Mononyme;;natural;Lyon',
        `${email};Late;Comer;;natural;Lyon`,
      ].join('\n')
    const mine = "member WHERE email LIKE '%@example.net'"
    expect(await apply(await look('member', people()), 'good')).toMatch(/Added 4/)
    const before = await site.coin.pool.query(`SELECT id, version, username FROM ${mine} ORDER BY id`)
    const path = await look('member', people('late@example.net'))
    expect(wordsOf(await staff.page(path))).toMatch(/New 1 .*Changed 0 .*The same 4 .*Wrong 0/)
    expect(await apply(path)).toMatch(/Added 1/)
    const after = await site.coin.pool.query(`SELECT id, version, username FROM ${mine} ORDER BY id`)
    expect(after.rows.slice(0, 4)).toEqual(before.rows)
    expect(after.rows).toHaveLength(5)
    // a cell that is left empty gives nobody another username, and capitals make nobody another
    const moved = 'username,email,firstName,lastName,city\n,FAMILY@example.net,Zoé,Dupont,Caen\n'
    expect(await apply(await look('member', moved))).toMatch(/Added 0 .*Changed 1/)
    expect(await count(`${mine.replace('LIKE', 'ILIKE')} AND username = 'zdupont' AND city = 'Caen'`)).toBe(1)
  })

  it('and whoever cannot be told from somebody else is a mistake of the row', async () => {
    await addMember(site.coin, { firstName: 'Jean', lastName: 'Double', email: 'double@example.org' })
    await addMember(site.coin, { firstName: 'Jean', lastName: 'Double', email: 'double@example.org' })
    const rows =
      'username,email,firstName,lastName\n,double@example.org,Jean,Double\n,twice@example.org,Ada,Twice\n,twice@example.org,Ada,Twice\n'
    const page = wordsOf(await staff.page(await look('member', rows)))
    expect(page).toMatch(/New 1 .*Wrong 2/)
    expect(page).toContain(
      'Several rows that are here have this: e-mail address, first name, last name. Give the id of the one that is meant, or: username.',
    )
    expect(page).toContain('This looks like the same row as on line 3, which has this too: e-mail address, first name, last name.')
    const told = rows.replace('\n,double', '\njdouble2,double').replace('\n,twice', '\nada1,twice').replace('\n,twice', '\nada2,twice')
    expect(wordsOf(await staff.page(await look('member', told)))).toMatch(/New 2 .*The same 1 .*Wrong 0/)
  })

  it('and subscriptions without a reference are known by member, offer and start', async () => {
    const offer = (await site.coin.pool.query('SELECT reference FROM offer LIMIT 1')).rows[0].reference
    const file = (last: string) =>
      `member,offer,startedOn,comments\nzimport3,${offer},2026-03-01,a\nzimport4,${offer},${last},b\nzimport3,${offer},2026-04-01,c\n`
    expect(await apply(await look('subscription', file('never')), 'good')).toMatch(/Added 2/)
    expect(wordsOf(await staff.page(await look('subscription', file('2026-03-01'))))).toMatch(/New 1 .*Changed 0 .*The same 2 .*Wrong 0/)
  })

  it('and money is not taken twice: payments, donations and fees of a mended file are known again', async () => {
    const day = '2026-05-02'
    const files = {
      payment: (last: string) =>
        `member,receivedOn,amount,method,reference\nzimport5,${day},12.50,cheque,76\nzimport5,${day},12.50,cheque,77\nzimport6,${last},9,cheque,\n`,
      donation: (last: string) =>
        `member,givenOn,amount,method\nzimport5,${day},20.00,cheque\nzimport5,${day},30,cheque\nzimport6,${last},30,cheque\n`,
      fee: (last: string) => `member,from,until\nzimport5,${day},2027-05-01\nzimport7,${day},2027-05-01\nzimport6,${last},2027-05-01\n`,
    }
    for (const [kind, file] of Object.entries(files)) {
      expect(await apply(await look(kind, file('never')), 'good'), kind).toMatch(/Added 2/)
      expect(wordsOf(await staff.page(await look(kind, file(day)))), kind).toMatch(/New 1 .*Changed 0 .*The same 2 .*Wrong 0/)
    }
  })

  it('and an app that names rows by what they have not is refused at the start', () => {
    const wrong = defineResource({ ...boxResource, key: [['name'], ['nothing']] })
    const app = defineApp({ name: 'wrong', verboseName: 'Wrong', root: import.meta.url }, { resources: [wrong] })
    expect(() => createRegistry([app()], defineConfig({ apps: [] }))).toThrow(/resources.box.key.*'nothing' is not one of its fields/)
  })

  it('and a row that somebody changed meanwhile is shown again', async () => {
    const path = await look('member', 'username,lastName\nzimport1,Changed by file\n')
    const digest = /name="digest" value="(\w+)"/.exec(await staff.page(path))?.[1] ?? ''
    await site.coin.pool.query("UPDATE member SET city = 'Grenoble' WHERE username = 'zimport1'")
    await staff.post(path, { do: 'all', digest })
    expect(wordsOf(await staff.page(path))).toMatch(/Something changed since this was shown.*Changed 1/)
    expect(await count("member WHERE last_name = 'Changed by file'")).toBe(0)
    await apply(path)
    expect(await count("member WHERE last_name = 'Changed by file'")).toBe(1)
  })
})

describe('a file', () => {
  it('has members and what they subscribe to, in any order; what hangs on a wrong row says so', async () => {
    const offer = (await site.coin.pool.query('SELECT reference FROM offer LIMIT 1')).rows[0].reference
    const both = (username: string) =>
      JSON.stringify({
        subscription: [{ member: 'newone', offer, startedOn: '2026-03-01', reference: 'ZZ-1' }],
        member: [{ lastName: 'One', username, email: 'newone@example.org', nonsense: 1, lastNam: 'x' }],
      })
    const wrong = wordsOf(await staff.page(await look('', both(''), 'both.json')))
    expect(wrong).toContain('There is no member “newone”. Add it first')
    expect(wrong).toMatch(/“nonsense” is none of ours.*“lastNam” is none of ours. Did you mean “lastName”/)
    expect(await apply(await look('', both('newone'), 'both.json'))).toMatch(/Imported.*Added 2/)
    expect(await count("subscription s JOIN member m ON m.id = s.member_id WHERE s.reference = 'ZZ-1' AND m.username = 'newone'")).toBe(1)
  })

  it('that keeps no names is not imported twice, and one without a column that must be is refused', async () => {
    const file = 'name,price\nfirst,"1.50"\nsecond,2\n'
    expect(await apply(await look('box', file))).toMatch(/Added 2/)
    expect(wordsOf(await staff.page(await look('box', file)))).toMatch(/The same 2/)
    expect(wordsOf(await staff.page(await look('box', 'price\n2\n')))).toContain('The column name is missing')
    await site.coin.pool.query('DELETE FROM box')
  })

  it('of another program is read: days and numbers are what they are in it', async () => {
    const cells = [
      ['Name', 'Made on', 'Price', 'Fragile', 'Owner'].map(value => ({ value })),
      [
        { value: 'sheet box' },
        { value: new Date('2026-05-06T00:00:00Z'), format: 'dd/mm/yyyy' },
        { value: 0.1 + 0.2 },
        { value: true },
        { value: 'zimport2' },
      ],
    ]
    const file = await writeXlsxFile(cells).toBuffer()
    expect(await apply(await look('box', file, 'other.xlsx'))).toMatch(/Added 1/)
    expect(
      await count(
        "box JOIN member m ON m.id = member_id WHERE made_on = '2026-05-06' AND price = 0.3 AND fragile AND m.username = 'zimport2'",
      ),
    ).toBe(1)
    await site.coin.pool.query('DELETE FROM box')
  })

  it('that cannot be read is refused: empty, no table, a bomb', async () => {
    const refused = async (content: string | Uint8Array, name: string) => {
      const answer = await send(staff, 'member', content, name)
      expect(answer.status).toBe(422)
      return wordsOf(await answer.text())
    }
    expect(await refused('', 'a.csv')).toContain('The file is empty')
    expect(await refused('username\n', 'a.csv')).toContain('The file has no rows')
    expect(await refused('%PDF-1.7', 'a.csv')).toContain('This is a PDF')
    expect(await refused('[1', 'a.json')).toContain('This JSON cannot be read')
    const bomb = deflateRawSync(Buffer.alloc(20 * 1024 * 1024))
    expect(await refused(zipOf(bomb, 300 * 1024 * 1024), 'a.xlsx')).toContain('holds more than 256 MB')
    // it says that it is small
    expect(await refused(zipOf(bomb, 1000), 'a.xlsx')).toContain('This spreadsheet is damaged')
    // a few letters that stand for thousands of millions of cells
    for (const place of ['XFD1048576', 'A999999999', 'A1e9', '&#88;FD1048576']) {
      const far = Buffer.from(`<worksheet><sheetData><row><c r="${place}"><v>1</v></c></row></sheetData></worksheet>`)
      expect(await refused(zipOf(deflateRawSync(far), far.length), 'a.xlsx'), place).toContain('This spreadsheet reaches to the cell')
    }
    const wide = Array.from({ length: 1001 }, (_, n) => ({ [`k${n}`]: 1 }))
    expect(await refused(JSON.stringify(wide), 'a.json')).toContain('The file has more than 1000 columns')
    expect(await refused(`${'c,'.repeat(1001)}\n1`, 'a.csv')).toContain('The file has more than 1000 columns')
  })
})

/** An archive of one file, which says of itself what one says. */
function zipOf(packed: Buffer, size: number): Buffer {
  const [local, central, end] = [Buffer.alloc(31), Buffer.alloc(47), Buffer.alloc(22)]
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt16LE(1, 26)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt32LE(size, 24)
  central.writeUInt16LE(1, 28)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(local.length + packed.length, 16)
  return Buffer.concat([local, packed, central, end])
}

describe('a large file', () => {
  it('is looked at and imported by a job, in the name of whoever sent it', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => ({ name: `large ${n}`, note: 'x'.repeat(1000), pieces: n === 7 ? 0 : 1 }))
    const path = await look('box', JSON.stringify(rows), 'boxes.json')
    expect(wordsOf(await staff.page(path))).toContain('Being looked at')
    const worker = await startWorker(site.coin)
    try {
      expect(await until(async () => /New 449 .*Wrong 1/.test(wordsOf(await staff.page(path))))).toBe(true)
      const digest = /name="digest" value="(\w+)"/.exec(await staff.page(path))?.[1] ?? ''
      await staff.post(path, { do: 'good', digest })
      expect(await until(async () => /Imported .*Added 449/.test(wordsOf(await staff.page(path))))).toBe(true)
    } finally {
      await worker.stop()
    }
    expect(await count("coin.history WHERE table_name = 'box' AND actor ->> 'label' LIKE '%Staff%'")).toBeGreaterThanOrEqual(449)
    expect(await count("import_file WHERE content IS NOT NULL AND state = 'applied'")).toBe(0)
    await site.coin.pool.query('DELETE FROM box')
  })
})

describe('chosen rows of a list', () => {
  const boxes = (n: number) =>
    site.coin.pool.query(`INSERT INTO box (name, color) SELECT 'box ' || n, 'red' FROM generate_series(1, ${n}) n`)
  const digestOf = (page: string) => /name="digest" value="(\w+)"/.exec(page)?.[1] ?? ''
  const red = { do: 'coin.change', all: 'yes', query: 'color=red' }

  it('are given a value together, as it was shown: all that match, or none when one is refused', async () => {
    await boxes(120)
    expect(await staff.page('/admin/boxes')).toContain('or all 120')
    const form = await (await staff.post('/admin/boxes/bulk', red)).text()
    expect(wordsOf(form)).toContain('Change 120 rows')
    const refused = await (await staff.post('/admin/boxes/bulk', { ...red, set: 'pieces', 'to.pieces': '0' })).text()
    expect(wordsOf(refused)).toMatch(/Refused 10.*Give at least one piece/)
    expect(digestOf(refused)).toBe('')
    const wrong = await staff.post('/admin/boxes/bulk', { ...red, set: 'pieces', 'to.pieces': 'many' })
    expect(wrong.status).toBe(422)
    const change = { ...red, set: ['color', 'pieces'], 'to.color': 'blue', 'to.pieces': '7' }
    const digest = digestOf(await (await staff.post('/admin/boxes/bulk', change)).text())
    await site.coin.pool.query("UPDATE box SET note = 'meanwhile' WHERE name = 'box 3'")
    const moved = await staff.post('/admin/boxes/bulk', { ...change, digest })
    expect(moved.status).toBe(409)
    expect(await count("box WHERE color = 'blue'")).toBe(0)
    const again = digestOf(await moved.text())
    expect((await staff.post('/admin/boxes/bulk', { ...change, digest: again })).status).toBe(303)
    expect(await count("box WHERE color = 'blue' AND pieces = 7")).toBe(120)
  })

  it('are removed, but none of them while one must stay', async () => {
    const { rows } = await site.coin.pool.query<{ id: string }>('SELECT id FROM member ORDER BY id')
    const id = rows.slice(0, 3).map(row => String(row.id))
    const page = await (await staff.post('/admin/members/bulk', { do: 'coin.remove', id })).text()
    expect(wordsOf(page)).toMatch(/Refused 1.*has 1 subscriptions? and cannot be removed/)
    expect(digestOf(page)).toBe('')
    const all = { do: 'coin.remove', all: 'yes', query: '' }
    const digest = digestOf(await (await staff.post('/admin/boxes/bulk', all)).text())
    await staff.post('/admin/boxes/bulk', { ...all, digest })
    expect(await count('box')).toBe(0)
    expect(await count('member')).toBe(rows.length)
  })
})

describe('who may', () => {
  it('export, import, change and remove many: staff with the right, and nobody else', async () => {
    const routes = [
      ['GET', '/admin/members/export?format=csv'],
      ['GET', '/admin/import?kind=member'],
      ['GET', '/admin/import/empty?kind=member'],
      ['GET', '/admin/import/1'],
      ['GET', '/admin/import/1/problems.csv'],
      ['POST', '/admin/import/1'],
      ['POST', '/admin/members/bulk'],
    ] as const
    const statuses = async (who: TestClient) =>
      Promise.all(
        routes.map(async ([method, path]) => {
          const answer =
            method === 'GET'
              ? await who.get(path, { accept: 'text/html' })
              : await who.post(path, { do: 'coin.remove', id: '1' }, { accept: 'text/html' })
          return answer.status
        }),
      )
    const member = await site.member((await site.coin.pool.query('SELECT id FROM member LIMIT 1')).rows[0].id)
    expect(await statuses(site.client())).toEqual([302, 302, 302, 302, 302, 401, 401])
    expect(await statuses(member)).toEqual([403, 403, 403, 403, 403, 403, 403])
    // another one’s files are none of theirs
    expect(await statuses(await site.signIn('staff'))).toEqual([200, 200, 200, 404, 404, 404, 200])
    expect((await send(member, 'member', 'username\nx\n')).status).toBe(403)
    const some = adminSite(site.coin)
    const viewer = { ...person, permissions: new Set(['member.view']) }
    expect((await some.get(viewer, '/admin/members/export?format=csv')).status).toBe(200)
    expect((await some.get(viewer, '/admin/offers/export?format=csv')).status).toBe(403)
    expect((await some.get(viewer, '/admin/import?kind=member')).status).toBe(403)
    expect((await some.post(viewer, '/admin/members/bulk', { do: 'coin.remove', id: '1' })).status).toBe(403)
    expect(
      (
        await some.post({ ...viewer, permissions: new Set(['member.view', 'member.change']) }, '/admin/members/bulk', {
          do: 'coin.change',
          id: '1',
        })
      ).status,
    ).toBe(200)
  })
})
