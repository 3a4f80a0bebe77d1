import { t } from '../app/i18n.ts'
import type { Choice } from '../app/resource.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { snake } from './rows.ts'

interface Labelled {
  readonly app: string
  readonly label: string
}

/** Words for what is in the database. */
export interface ColumnWords {
  column(table: string, name: string): string
  table(name: string): string
  /** One of few values as it is called where it is chosen. */
  value(table: string, name: string, value: string): string
}

/** How columns, tables and values are called where people see them; what no form names is called by its own name. */
export function columnWords(): ColumnWords {
  const { registry } = currentScope()
  const columns = new Map<string, Labelled>()
  const tables = new Map<string, Labelled>()
  const values = new Map<string, Labelled>()
  for (const { app, resource } of registry.resources.values()) {
    tables.set(resource.tableName, { app, label: resource.labelPlural })
    for (const [name, { label, choices }] of Object.entries(resource.fields)) {
      const column = `${resource.tableName}.${snake(name)}`
      columns.set(column, { app, label })
      if (Array.isArray(choices))
        for (const choice of choices as readonly Choice[]) values.set(`${column}.${choice.value}`, { app, label: choice.label })
    }
  }
  for (const [type, { app, configuration }] of registry.configurations) {
    tables.set(type, { app, label: configuration.spec.verboseName ?? type })
    for (const [name, field] of Object.entries(configuration.spec.fields))
      if (field && 'label' in field) columns.set(`${type}.${snake(name)}`, { app, label: String(field.label) })
  }
  const often = common()
  const say = (known: Labelled | undefined, name: string) =>
    known ? withinScope({ app: known.app }, () => t(known.label)) : (often[name] ?? plain(name))
  return {
    column: (table, name) => say(columns.get(`${table}.${name}`), name),
    table: name => say(tables.get(name), name),
    value: (table, name, value) => {
      const known = values.get(`${table}.${name}.${value}`)
      return known ? withinScope({ app: known.app }, () => t(known.label)) : value
    },
  }
}

const plain = (name: string) =>
  name
    .replace(/^\w+\./, '')
    .replaceAll('_', ' ')
    .replaceAll('"', '')

/** Names that come back in many tables. */
const common = (): Readonly<Record<string, string>> => ({
  account_event: t('Sign-ins and changes of your account'),
  'auth.account': t('Ways to sign in'),
  'auth.passkey': t('Passkeys'),
  'auth.session': t('Where you are signed in'),
  'auth.two_factor': t('Second factors'),
  'auth.user': t('Account'),
  'coin.history': t('Changes'),
  'coin.mail': t('Mails'),
  amount: t('Amount'),
  at: t('When'),
  changed_by: t('By'),
  changes: t('What changed'),
  created_at: t('Made'),
  currency: t('Currency'),
  during: t('During'),
  email: t('E-mail address'),
  ip_address: t('Address'),
  kind: t('Kind'),
  language: t('Language'),
  name: t('Name'),
  op: t('What happened'),
  period: t('Period'),
  prefix: t('Address'),
  reason: t('Reason'),
  recipient: t('To'),
  sent_at: t('Sent'),
  since: t('Since'),
  state: t('State'),
  subject: t('Subject'),
  table_name: t('Of what'),
  total: t('Total'),
  updated_at: t('Last used'),
  user_agent: t('Browser'),
  address: t('Address'),
  allocated: t('Allocated'),
  asked_at: t('Asked for'),
  author: t('Written by'),
  backed_up: t('Backed up'),
  backend: t('Target'),
  body: t('Text'),
  booked_on: t('Booked'),
  by_member: t('By'),
  calculation: t('Calculation'),
  collect_on: t('Collected'),
  comment: t('Comment'),
  commitment_months: t('Commitment in months'),
  counterparty_iban: t('IBAN'),
  counterparty_name: t('Payer'),
  decided_at: t('Decided'),
  detail: t('Details'),
  device_type: t('Kind of device'),
  display_name: t('Name'),
  due_on: t('To be paid by'),
  email_verified: t('E-mail address confirmed'),
  erased: t('Rows erased'),
  error: t('Error'),
  expires_at: t('Valid until'),
  explanation: t('Explanation'),
  family: t('Family'),
  format: t('Form'),
  iban: t('IBAN'),
  issued_on: t('Issued'),
  joined_on: t('Since'),
  kept_until: t('Kept until'),
  label: t('Label'),
  login: t('Login'),
  made_at: t('Made'),
  made_by: t('By'),
  member_name: t('Name'),
  member_snapshot: t('Name on it'),
  net: t('Without VAT'),
  note: t('Note'),
  number: t('Number'),
  position: t('Place'),
  postal_code: t('Postal code'),
  quantity: t('Quantity'),
  received: t('Received'),
  received_on: t('Received'),
  reference: t('Reference'),
  resigned_on: t('Last day'),
  role: t('Role'),
  seen_at: t('Last seen'),
  sent: t('Sent'),
  sent_by: t('By'),
  sent_on: t('Sent'),
  set_by: t('By'),
  settled_on: t('Settled'),
  signed_on: t('Signed'),
  source: t('From'),
  started_on: t('Since'),
  strong: t('With two factors'),
  subscription_reference: t('Subscription'),
  text: t('Text'),
  two_factor_enabled: t('Codes set up'),
  type: t('Kind'),
  unit: t('Unit'),
  unit_price: t('Unit price'),
  until: t('Until'),
  username: t('Username'),
  value_on: t('Value date'),
  vat: t('VAT'),
  vat_rate: t('VAT rate'),
  verified: t('Confirmed'),
  written_by: t('By'),
})
