import { CoinError } from 'coin'
import { EqualityFilter, type Filter, OrFilter, ResultCodeError, type SearchOptions } from 'ldapts'
import type { Connection } from './connection.ts'
import { foldDn, foldName, keyOf, parseDn } from './dn.ts'
import { baseMissing, code, codeOf, refusalOf } from './errors.ts'
import { hiddenAttributes, type Probe } from './hidden.ts'
import type { Mapping } from './mapping.ts'
import type { LdapEntry } from './values.ts'

/** Names per search: an index answers that many at once, and the request stays small. */
const chunk = 200

/** An entry of the directory: its values as text, by attribute in small letters. */
export type Found = ReadonlyMap<string, readonly string[]>

type Answer = Record<string, Buffer | Buffer[] | string[] | string>

/** What is under these keys. Below a base that is not the mapping's, a missing base is an empty one: the mapping has moved on. */
export async function readKeys(connection: Connection, mapping: Mapping, keys: readonly string[], probe: Probe) {
  const { parents, others } = byParent(keys)
  const searches = [...parents].flatMap(([parent, names]) => chunksOf(names).map(some => searchNames(connection, mapping, parent, some)))
  const rows = (await all([...searches, ...others.map(dn => searchOne(connection, mapping, dn))])).flat()
  const found = new Map<string, LdapEntry | Error>()
  const hidden = await hiddenAttributes(connection, mapping, rows, probe)
  for (const [key, row] of rows) found.set(key, hidden(row) ?? mapping.entryOf(row))
  return found
}

interface Name {
  readonly key: string
  readonly attribute: string
  readonly value: string
}

/** Keys by the entry that they are below; `others` are not of the form that a declaration makes: orphans. */
function byParent(keys: readonly string[]): { parents: Map<string, Name[]>; others: string[] } {
  const parents = new Map<string, Name[]>()
  const others: string[] = []
  for (const key of keys) {
    const dn = parseDn(key)
    if (!dn) {
      others.push(key)
      continue
    }
    const names = parents.get(dn.parent) ?? []
    if (names.length === 0) parents.set(dn.parent, names)
    names.push({ key, attribute: dn.attribute, value: dn.value })
  }
  return { parents, others }
}

const chunksOf = <I>(items: readonly I[]): I[][] =>
  Array.from({ length: Math.ceil(items.length / chunk) }, (_, index) => items.slice(index * chunk, (index + 1) * chunk))

/** All of them, or the first error once none is under way. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

async function searchNames(connection: Connection, mapping: Mapping, parent: string, names: readonly Name[]): Promise<[string, Found][]> {
  const filters: Filter[] = names.map(({ attribute, value }) => new EqualityFilter({ attribute, value }))
  const filter = filters.length === 1 && filters[0] ? filters[0] : new OrFilter({ filters })
  try {
    const answers = await search(connection, parent, { scope: 'one', filter, attributes: [...mapping.read] })
    const wanted = new Map(names.map(name => [`${name.attribute}=${foldName(name.value)}`, name.key]))
    return answers.flatMap(answer => {
      // the attribute may have more values than the one in the name of the entry
      const dn = parseDn(String(answer.dn))
      const key = dn && wanted.get(`${dn.attribute}=${foldName(dn.value)}`)
      return key === undefined ? [] : [[key, foundOf(answer)]]
    })
  } catch (error) {
    if (codeOf(error) === code.noSuchObject) {
      if (foldDn(parent) === foldDn(mapping.base)) throw baseMissing(mapping.base)
      return []
    }
    if (codeOf(error) === code.sizeLimitExceeded && names.length > 1) {
      const half = Math.ceil(names.length / 2)
      return [
        ...(await searchNames(connection, mapping, parent, names.slice(0, half))),
        ...(await searchNames(connection, mapping, parent, names.slice(half))),
      ]
    }
    throw error instanceof ResultCodeError ? refusalOf(`a search below ${parent}`, error) : error
  }
}

/** One entry, by its name; `undefined` when it is not there, or is not shown. */
export async function readOne(connection: Connection, mapping: Mapping, dn: string): Promise<LdapEntry | undefined> {
  const [row] = await searchOne(connection, mapping, dn)
  return row && mapping.entryOf(row[1])
}

async function searchOne(connection: Connection, mapping: Mapping, dn: string): Promise<[string, Found][]> {
  try {
    const [answer] = await search(connection, dn, { scope: 'base', attributes: [...mapping.read] })
    return answer ? [[dn, foundOf(answer)]] : []
  } catch (error) {
    if (codeOf(error) === code.noSuchObject) return []
    throw error instanceof ResultCodeError ? refusalOf(`a search of ${dn}`, error) : error
  }
}

/** Throws when the base is not there. */
export async function checkBase(connection: Connection, base: string): Promise<void> {
  try {
    await connection.ask(client => client.search(base, { scope: 'base', attributes: ['1.1'] }))
  } catch (error) {
    if (codeOf(error) === code.noSuchObject) throw baseMissing(base)
    throw error instanceof ResultCodeError ? refusalOf(`the base ${base}`, error) : error
  }
}

/** Every entry below the base with the mapping's object classes, page by page. */
export async function* readAll(connection: Connection, mapping: Mapping, probe: Probe): AsyncGenerator<ReadonlyMap<string, LdapEntry>> {
  const options: SearchOptions = { scope: 'one', filter: mapping.filter, attributes: [...mapping.read], paged: { pageSize: 1000 } }
  const pages = connection.ask(async client => client.searchPaginated(mapping.base, options))
  const iterator = (await pages)[Symbol.asyncIterator]()
  for (;;) {
    const page = await connection
      .ask(() => iterator.next())
      .catch(error => {
        if (codeOf(error) === code.noSuchObject) throw baseMissing(mapping.base)
        if (codeOf(error) === code.sizeLimitExceeded)
          throw new CoinError('refused', 'The directory ends the list of entries below {{base}} at its size limit.', {
            values: { base: mapping.base },
            hint: 'Lift the limit of searches in pages for the account of Coin, such as: limits dn.exact="cn=coin,…" size.prtotal=unlimited',
          })
        throw error instanceof ResultCodeError ? refusalOf(`the list below ${mapping.base}`, error) : error
      })
    if (page.done) return
    refuseReferences(page.value.searchReferences, mapping.base)
    const rows = page.value.searchEntries.map((answer): [string, Found] => [keyOfAnswer(answer, mapping.base), foundOf(answer)])
    const hidden = await hiddenAttributes(connection, mapping, rows, probe)
    yield new Map(
      rows.map(([key, row]) => {
        const error = hidden(row)
        if (error) throw error
        return [key, mapping.entryOf(row)]
      }),
    )
  }
}

async function search(connection: Connection, base: string, options: SearchOptions): Promise<Answer[]> {
  const { searchEntries, searchReferences } = await connection.ask(client => client.search(base, options))
  refuseReferences(searchReferences, base)
  return searchEntries
}

function refuseReferences(references: readonly string[], base: string): void {
  if (references.length === 0) return
  throw new CoinError('refused', 'A part of {{base}} is on another server, {{url}}: Coin does not follow referrals.', {
    values: { base, url: references[0] ?? '' },
    hint: 'Give the URL of the server that has it all.',
  })
}

/** The key of an entry: what a configuration of that name would have; its whole name when it could be nobody's. */
function keyOfAnswer(answer: Answer, base: string): string {
  const dn = String(answer.dn)
  const parsed = parseDn(dn)
  return parsed ? keyOf(parsed.attribute, parsed.value, base) : dn
}

function foundOf({ dn: _dn, ...answer }: Answer): Found {
  return new Map(
    Object.entries(answer).map(([attribute, values]) => [
      attribute.toLowerCase(),
      // what is not text differs from every text
      (Array.isArray(values) ? values : [values]).map(value => (typeof value === 'string' ? value : `{base64}${value.toString('base64')}`)),
    ]),
  )
}
