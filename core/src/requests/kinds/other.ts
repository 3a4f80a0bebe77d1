import { defineRequest } from '../../app/request-kind.ts'

/** Whatever has no kind of its own. Accepting it only says so. */
export const anythingElse = defineRequest({
  name: 'other',
  label: 'Something else',
  help: 'A question, a wish, a trouble: in your own words',
  icon: 'message',
  askedBy: 'pending',
  needsMessage: true,
  fields: { subject: { label: 'What it is about', kind: 'text', required: true } },
})
