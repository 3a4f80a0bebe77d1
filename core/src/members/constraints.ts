import type { ConstraintMessages } from '../db/errors.ts'

/** What the constraints of the member table mean. */
export const memberConstraints: ConstraintMessages = {
  member_user_id_key: { message: 'This account belongs to another member already.' },
  member_kind: { field: 'kind', message: 'A member is a natural person or a legal entity.' },
  member_status: { field: 'status', message: 'A member is pending, a member, or not a member.' },
  member_username_key: {
    field: 'username',
    message: 'Another member has this username.',
    hint: 'Leave it empty to have one made from the name.',
  },
  member_username_form: {
    field: 'username',
    message: 'Use lower case letters, digits, dots and dashes, and begin with a letter or a digit.',
  },
  member_email_form: { field: 'email', message: 'Give an e-mail address such as amina@example.org.' },
  member_country_form: { field: 'country', message: 'Give a country code of two capitals, such as FR.' },
  member_language_form: { field: 'language', message: 'Give a language code of two letters, such as fr.' },
  member_resigned_after_joining: { field: 'resignedOn', message: 'The resignation is before the day on which the member joined.' },
  member_dates_finite: { message: 'Give a date of the calendar.' },
  member_openpgp_key_public: {
    field: 'openpgpKey',
    message: 'This is a private key: who has it reads your mail. It was not kept; show it to nobody. Give the public one.',
  },
  member_natural_has_name: { field: 'lastName', message: 'Give the last name of a natural person.' },
  member_legal_has_organization: { field: 'organizationName', message: 'Give the name of the organisation.' },
}
