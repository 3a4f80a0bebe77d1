import type { Command } from '../app/job.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { fieldsOf, parseFields } from './form-fields.ts'
import { forKind, ofKind } from './kinds.ts'
import { requestResource } from './resource.tsx'
import { type Answer, accept, answer, lockRequest, refuse } from './rules.ts'
import type { RequestRow } from './tables.ts'
import { type DealStep, draftsFor } from './templates.ts'

const said = { text: 'what to write <text>', template: 'a template to write, in their language, by its name <name>' }

const acceptCommand: Command = {
  summary: 'accept a request, and do what it asks for',
  arguments: ['id'],
  options: { ...said, set: 'what is settled instead of what is proposed, such as startedOn=2026-12-01;offerId=3 <name=value;…>' },
  async run({ arguments: { id }, options }, tx) {
    const request = await locked(tx, id)
    const settled = await settledOf(tx, request, typeof options.set === 'string' ? options.set : '')
    await accept(tx, request, settled, await words(tx, request, 'accept', options))
    return { id: request.id, state: 'accepted' }
  },
}

const refuseCommand: Command = {
  summary: 'refuse a request, and say why',
  arguments: ['id'],
  options: said,
  async run({ arguments: { id }, options }, tx) {
    const request = await locked(tx, id)
    await refuse(tx, request, await words(tx, request, 'refuse', options))
    return { id: request.id, state: 'refused' }
  },
}

const answerCommand: Command = {
  summary: 'write to who asked',
  arguments: ['id'],
  options: { ...said, ask: 'and wait for their answer' },
  async run({ arguments: { id }, options }, tx) {
    const request = await locked(tx, id)
    const waiting = options.ask === true
    await answer(tx, request, { ...(await words(tx, request, 'answer', options)), waiting })
    return { id: request.id, state: waiting ? 'waiting' : 'open' }
  },
}

/** `coin request accept|refuse|answer`, beside `list` and `show`. */
export const commands = { accept: acceptCommand, refuse: refuseCommand, answer: answerCommand }

function locked(tx: Tx, text: string | undefined): Promise<RequestRow> {
  const id = Number(text)
  if (!Number.isSafeInteger(id)) throw new CoinError('not_found', 'There is no such request.')
  return lockRequest(tx, requestResource, id)
}

/** What was given as text, or the template of that name in the language of who is written to. */
async function words(tx: Tx, request: RequestRow, step: DealStep, { text, template }: Readonly<Record<string, unknown>>): Promise<Answer> {
  if (typeof template !== 'string') return { text: typeof text === 'string' ? text : '' }
  const draft = (await draftsFor(tx, request, step)).find(({ name }) => name === template)
  if (!draft) throw invalid('template', 'There is no template “{{name}}” for this.', { name: template })
  return { subject: draft.subject, text: [draft.text, typeof text === 'string' ? text : ''].filter(Boolean).join('\n') }
}

/** What is proposed, with what was set instead. */
async function settledOf(tx: Tx, request: RequestRow, set: string) {
  const proposed = await ofKind(request.kind, async kind => (await kind.proposed?.(forKind(request), tx)) ?? {})
  const given = Object.fromEntries(
    set
      .split(';')
      .filter(Boolean)
      .map(pair => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]),
  )
  const names = fieldsOf(request.kind, 'settles').map(({ name }) => name)
  const unknown = Object.keys(given).find(name => !names.includes(name))
  if (unknown !== undefined) throw invalid('set', 'Nothing is settled as “{{name}}”.', { name: unknown })
  const texts = Object.fromEntries(
    names.flatMap(name => {
      const value = given[name] ?? proposed[name]
      return value === undefined || value === null ? [] : [[name, String(value)]]
    }),
  )
  const parsed = await parseFields(request.kind, 'settles', texts, tx)
  if ('values' in parsed) return parsed.values
  throw new CoinError('invalid', 'What is settled is not complete.', { fields: parsed.errors })
}
