import type { Command, CommandInput } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { readDirectory } from './follow-directory.ts'
import { inviteStaff } from './invite.ts'
import { allRoles, type Person, personNamed, staffPeople } from './queries.ts'
import { setDisabled, setRoles } from './rules.ts'

const list: Command = {
  summary: 'who works for the provider, and their roles',
  run: async (_, tx) => (await staffPeople(tx)).map(told),
}

const invite: Command = {
  summary: 'give somebody roles; whoever has no account gets a mail with a link to choose a password',
  arguments: ['email'],
  options: { roles: 'names of roles, with commas between <names>', name: 'of whoever it is <name>', language: 'en or fr <language>' },
  async run({ arguments: { email = '' }, options }, tx) {
    const name = typeof options.name === 'string' ? options.name : ''
    const language = options.language === 'fr' ? 'fr' : 'en'
    return inviteStaff(tx, currentScope().actor, { email, name, language, roleIds: await rolesIn(options.roles, tx) })
  },
}

const roles: Command = {
  summary: 'make the roles that somebody has by hand exactly these; none for nobody’s',
  arguments: ['email', 'roles?'],
  async run(input, tx) {
    const person = await personIn(input, tx)
    await setRoles(tx, person.id, await rolesIn(input.arguments.roles, tx))
    return told(await personIn(input, tx))
  },
}

const disable: Command = {
  summary: 'keep somebody out from now on: their sessions end',
  arguments: ['email'],
  run: (input, tx) => switchTo(true, input, tx),
}

const enable: Command = {
  summary: 'let somebody in again who was kept out',
  arguments: ['email'],
  run: (input, tx) => switchTo(false, input, tx),
}

const follow: Command = {
  summary: 'read the directory whose groups give roles now, as is done every ten minutes',
  async run(_, tx) {
    const failure = await readDirectory(tx)
    return failure ?? 'Read.'
  },
}

/** `coin staff …` */
export const commands = { list, invite, roles, disable, enable, follow }

async function switchTo(disabled: boolean, input: CommandInput, tx: Tx) {
  await setDisabled(tx, (await personIn(input, tx)).id, disabled)
  return told(await personIn(input, tx))
}

async function personIn({ arguments: { email = '' } }: CommandInput, tx: Tx): Promise<Person> {
  const person = await personNamed(tx, email.trim())
  if (!person) throw new CoinError('not_found', 'There is no account {{email}}.', { values: { email: email.slice(0, 80) } })
  return person
}

async function rolesIn(typed: string | boolean | undefined, tx: Tx): Promise<readonly number[]> {
  const wanted = typeof typed === 'string' ? typed.split(',').flatMap(name => name.trim() || []) : []
  const known = await allRoles(tx)
  return wanted.map(name => {
    const found = known.find(role => role.name === name)
    if (found) return found.id
    throw invalid('roles', 'There is no role {{role}}; there are {{roles}}.', {
      role: name.slice(0, 80),
      roles: known.map(role => role.name).join(', '),
    })
  })
}

const told = ({ email, name, roles: held, disabledAt, lastSeen }: Person) => ({
  email,
  name,
  roles: held.map(({ name: role, source }) => (source === 'hand' ? role : `${role} (${source})`)).join(', '),
  disabled: disabledAt !== null,
  lastSeen,
})
