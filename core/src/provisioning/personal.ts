import { type PersonalData, rowsOfConfigurations } from '../app/personal-data.ts'

/** What the network said about a member's lines; gone with them. */
export const standing: PersonalData = {
  name: 'provisioning',
  label: 'Whether your lines work',
  purpose: 'To see and mend what does not work.',
  basis: 'contract',
  term: 'membership',
  rows: {
    provisioning_state: rowsOfConfigurations('provisioning_state'),
    provisioning_refusal: rowsOfConfigurations('provisioning_refusal'),
  },
}
