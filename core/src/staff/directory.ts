import { readFileSync } from 'node:fs'
import { Client, type Entry, EqualityFilter, ResultCodeError } from 'ldapts'
import type { Directory } from '../app/directory-config.ts'
import { CoinError } from '../errors.ts'

/** How long each question may take. */
const patience = 10_000

/** Which roles the directory gives, by e-mail address; of everybody, or of one address. Throws `unavailable` when it does not say. */
export async function rolesInDirectory(directory: Directory, email?: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = new Client({ url: directory.url, timeout: patience, connectTimeout: patience, tlsOptions: tlsOf(directory) })
  try {
    if (directory.startTls) await client.startTLS(tlsOf(directory))
    if (directory.bindDn !== undefined) await client.bind(directory.bindDn, directory.password ?? '')
    const people = await peopleIn(client, directory, email)
    const members = directory.groupsOfUser === undefined ? await membersOfGroups(client, directory) : undefined
    return new Map(people.map(person => [person.email, rolesOf(directory, person, members)]))
  } catch (error) {
    throw error instanceof CoinError
      ? error
      : new CoinError('unavailable', 'The directory at {{url}} does not answer: {{reason}}.', {
          values: { url: directory.url, reason: reasonOf(error) },
          cause: error,
        })
  } finally {
    await client.unbind().catch(() => {})
  }
}

const tlsOf = ({ caFile }: Directory) => (caFile === undefined ? {} : { ca: readFileSync(caFile) })

const reasonOf = (error: unknown): string =>
  error instanceof ResultCodeError
    ? `${error.name} (${error.code})`
    : error instanceof Error
      ? error.message.replace(/\.$/, '')
      : String(error)

interface PersonEntry {
  readonly email: string
  readonly dn: string
  readonly uids: readonly string[]
  readonly groups: readonly string[]
}

async function peopleIn(client: Client, directory: Directory, email: string | undefined): Promise<readonly PersonEntry[]> {
  const { users, userFilter, mail, groupsOfUser } = directory
  const wanted = email === undefined ? `(${mail}=*)` : new EqualityFilter({ attribute: mail, value: email }).toString()
  const { searchEntries } = await client.search(users, {
    scope: 'sub',
    filter: `(&${userFilter}${wanted})`,
    attributes: [mail, 'uid', ...(groupsOfUser === undefined ? [] : [groupsOfUser])],
    paged: { pageSize: 500 },
  })
  return searchEntries.flatMap(entry =>
    valuesOf(entry, mail).map(address => ({
      email: address.toLowerCase(),
      dn: sameDn(entry.dn),
      uids: valuesOf(entry, 'uid'),
      groups: groupsOfUser === undefined ? [] : valuesOf(entry, groupsOfUser).map(sameDn),
    })),
  )
}

/** What the entry of each group says of its members: their names (DN) or their uids. */
async function membersOfGroups(client: Client, { roles }: Directory): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const group of Object.keys(roles)) {
    const { searchEntries } = await client
      .search(group, { scope: 'base', attributes: ['member', 'uniqueMember', 'memberUid'] })
      .catch((error: unknown) => {
        throw error instanceof ResultCodeError && error.code === 32 ? missing(group) : error
      })
    const [entry] = searchEntries
    // a group that nobody sees and one that is empty are not the same: the roles of all its members are at stake
    if (!entry) throw missing(group)
    found.set(
      group,
      new Set([...valuesOf(entry, 'member'), ...valuesOf(entry, 'uniqueMember')].map(sameDn).concat(valuesOf(entry, 'memberUid'))),
    )
  }
  return found
}

const missing = (group: string) =>
  new CoinError('unavailable', 'The directory has no group {{group}}, or does not show it.', {
    values: { group },
    hint: 'Look at accounts.directory.roles in coin.config.ts.',
  })

function rolesOf({ roles }: Directory, person: PersonEntry, members: ReadonlyMap<string, ReadonlySet<string>> | undefined): string[] {
  const belongs = (group: string) => {
    const of = members?.get(group)
    return of ? of.has(person.dn) || person.uids.some(uid => of.has(uid)) : person.groups.includes(sameDn(group))
  }
  return [...new Set(Object.entries(roles).flatMap(([group, role]) => (belongs(group) ? [role] : [])))]
}

/** Names that differ in case or in spaces after commas are the same. */
const sameDn = (dn: string): string =>
  dn
    .toLowerCase()
    .replace(/\s*([,=])\s*/g, '$1')
    .trim()

function valuesOf(entry: Entry, attribute: string): string[] {
  const name = Object.keys(entry).find(key => key.toLowerCase() === attribute.toLowerCase())
  return name === undefined || name === 'dn'
    ? []
    : [entry[name]]
        .flat()
        .map(String)
        .filter(value => value !== '')
}
