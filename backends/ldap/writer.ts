import type { Wanted } from 'coin'
import { Attribute, Change, ResultCodeError } from 'ldapts'
import type { Connection } from './connection.ts'
import { parseDn } from './dn.ts'
import { code, codeOf, refusal } from './errors.ts'
import type { Mapping } from './mapping.ts'
import { checkBase, readOne } from './reader.ts'
import { differencesOf, type LdapEntry } from './values.ts'

/** What says that an entry is not as it was read: somebody was faster. */
const overtaken: readonly (number | undefined)[] = [
  code.noSuchObject,
  code.entryAlreadyExists,
  code.attributeOrValueExists,
  code.noSuchAttribute,
]

/**
 * Makes one entry so, with one request: an entry that is missing is added, of one that is there only what differs is changed. When
 * somebody was faster, looks once more. Returns why the directory refuses it.
 */
export async function writeEntry(connection: Connection, mapping: Mapping, wanted: Wanted<LdapEntry>): Promise<Error | undefined> {
  const { key, desired, observed } = wanted
  const secrets = mapping.secrets.flatMap(name => desired[name] ?? [])
  const attempt = async (there: LdapEntry | undefined) => {
    try {
      await writeOnce(connection, mapping, key, desired, there)
      return undefined
    } catch (error) {
      if (error instanceof ResultCodeError) return error
      throw error
    }
  }
  let refused = await attempt(observed)
  if (overtaken.includes(codeOf(refused))) {
    const there = await readOne(connection, mapping, key)
    if (there === undefined) await checkBase(connection, parseDn(key)?.parent ?? mapping.base)
    refused = await attempt(there)
  }
  return refused && refusal(refused, key, secrets)
}

async function writeOnce(connection: Connection, mapping: Mapping, dn: string, desired: LdapEntry, there: LdapEntry | undefined) {
  if (there === undefined) {
    const attributes = attributesOf(dn, desired)
    return connection.ask(client => client.add(dn, attributes))
  }
  const changes = differencesOf(mapping.rules, desired, there).map(({ path }) => changeOf(path, desired[path] ?? [], there[path] ?? []))
  if (changes.length > 0) await connection.ask(client => client.modify(dn, changes))
}

/** Of object classes those that are missing are added, the others stay; an attribute gets its values, or goes. */
function changeOf(type: string, desired: readonly string[], there: readonly string[]): Change {
  if (type === 'objectClass')
    return new Change({ operation: 'add', modification: new Attribute({ type, values: desired.filter(name => !there.includes(name)) }) })
  return new Change({ operation: 'replace', modification: new Attribute({ type, values: [...desired] }) })
}

/** All of a new entry; the attribute that names it has its name among its values. */
function attributesOf(dn: string, desired: LdapEntry): Attribute[] {
  const attributes = Object.entries(desired).map(([type, values]) => new Attribute({ type, values: [...values] }))
  const name = parseDn(dn)
  if (name && !Object.keys(desired).some(type => type.toLowerCase() === name.attribute))
    attributes.push(new Attribute({ type: name.attribute, values: [name.value] }))
  return attributes
}

/** Removes one entry; that it is gone already is success. Returns why the directory refuses it. */
export async function removeEntry(connection: Connection, dn: string): Promise<Error | undefined> {
  try {
    await connection.ask(client => client.del(dn))
    return undefined
  } catch (error) {
    if (codeOf(error) === code.noSuchObject) return undefined
    if (error instanceof ResultCodeError) return refusal(error, dn, [])
    throw error
  }
}
