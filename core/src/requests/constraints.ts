import type { ConstraintMessages } from '../db/errors.ts'

/** What the tables of requests refuse, in words. */
export const constraints: ConstraintMessages = {
  request_member: { message: 'This member does not exist.' },
  request_once_for_a_subscription: {
    field: 'subscriptionId',
    message: 'You have asked for this already, and we have not answered yet.',
    hint: 'Add a message to that request, or withdraw it.',
  },
  request_once_to_join: { message: 'This member has a request to join that is not answered yet.' },
  request_message_length: { field: 'text', message: 'This is too long.' },
  answer_template_named: { field: 'name', message: 'Give a name.' },
  answer_template_body: { field: 'body', message: 'Write something.' },
  answer_template_key: { field: 'name', message: 'There is a template of this name in this language already.' },
}
