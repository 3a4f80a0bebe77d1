import { sql } from 'drizzle-orm'
import { defineResource } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { kindLabel } from './kinds.ts'
import { answerTemplates } from './tables.ts'

const steps = [
  { value: 'answer', label: 'An answer, or a question' },
  { value: 'accept', label: 'When it is accepted' },
  { value: 'refuse', label: 'When it is refused' },
] as const

const kinds = async () => [
  { value: '', label: 'Every kind' },
  ...[...currentScope().registry.requests.keys()].map(value => ({ value, label: kindLabel(value) })),
]
const languages = async () => currentScope().registry.translations.languages.map(value => ({ value, label: value.toUpperCase() }))

/** The texts that answers begin with. */
export const templateResource = defineResource({
  name: 'answer_template',
  plural: 'answer-templates',
  label: 'Template of an answer',
  labelPlural: 'Templates of answers',
  labelNew: 'New template',
  icon: 'template',
  section: 'settings',
  order: 80,
  empty: 'Texts that answers to requests begin with, in each language.',
  table: answerTemplates,
  fields: {
    name: { label: 'Name', help: 'The same in each language' },
    kind: { label: 'For requests of this kind', kind: 'choice', choices: kinds },
    step: { label: 'For what', kind: 'choice', choices: steps },
    language: { label: 'Language', kind: 'choice', choices: languages },
    subject: { label: 'Subject', help: 'Empty: what happened' },
    body: {
      label: 'Text',
      kind: 'textarea',
      help: 'In double braces: name, offer, reference, request, date, provider, link. They are filled in, and can be changed before it is sent',
    },
  },
  add: ['name', 'kind', 'step', 'language', 'subject', 'body'],
  change: ['name', 'kind', 'step', 'language', 'subject', 'body'],
  key: ['name', 'language'],
  list: {
    from: sql`answer_template`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`answer_template.name` },
      { key: 'language', label: 'Language', sql: sql`answer_template.language`, render: code => String(code).toUpperCase() },
      {
        key: 'kind',
        label: 'For requests of this kind',
        sql: sql`answer_template.kind`,
        wide: true,
        render: kind => (kind === '' ? '–' : kindLabel(String(kind))),
      },
      { key: 'subject', label: 'Subject', sql: sql`answer_template.subject`, wide: true },
    ],
    filters: { language: { label: 'Language', choices: languages, where: value => sql`answer_template.language = ${value}` } },
    search: term => sql`coin.fold(answer_template.name || ' ' || answer_template.subject) LIKE '%' || coin.fold(${term}) || '%'`,
    searchHint: 'Name or subject',
    sort: 'name',
  },
  describe: row => `${row.name} (${String(row.language).toUpperCase()})`,
})
