import { getTableName, type InferSelectModel, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgColumnBuilderBase, PgTable } from 'drizzle-orm/pg-core'
import { bigint, check, foreignKey, integer, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core'
import type { Tx } from '../db/database.ts'
import type { AnyBackend } from './backend.ts'
import type { Context, Html, Reply } from './html.ts'
import type { Field } from './resource.ts'

/** The base row of every configuration: the technical side of one subscription. */
export const configurations = pgTable(
  'configuration',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    version: integer().notNull().default(1),
    type: text().notNull(),
    subscriptionId: bigint('subscription_id', { mode: 'number' }).notNull(),
    comment: text().notNull().default(''),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  table => [unique('configuration_id_type').on(table.id, table.type)],
)

/** A child table of `configuration`: one row per configuration of this type, sharing its id. The database keeps the type true. */
export function configurationTable<const N extends string, C extends Record<string, PgColumnBuilderBase>>(name: N, columns: C) {
  return pgTable(name, { id: bigint({ mode: 'number' }).primaryKey(), type: text().notNull().default(name), ...columns }, table => {
    // the columns of `C` hide the two that are always there from the type
    const own = table as unknown as { id: AnyPgColumn; type: AnyPgColumn }
    return [
      foreignKey({
        name: `${name}_configuration`,
        columns: [own.id, own.type],
        foreignColumns: [configurations.id, configurations.type],
      }).onDelete('cascade'),
      check(`${name}_type`, sql`${own.type} = ${sql.raw(`'${name.replaceAll("'", "''")}'`)}`),
    ]
  })
}

export type ConfigurationTable = PgTable & { id: AnyPgColumn; type: AnyPgColumn }

/** A block of addresses that a configuration holds. */
export interface IpSubnet {
  readonly id: number
  /** With its length, canonical: `198.51.100.8/29`, `2001:db8:12::/48`. */
  readonly prefix: string
  readonly family: 4 | 6
  readonly poolId: number
}
/** The subscription of a configuration, with what an app or a backend may need of it. */
export interface SubscriptionOfConfiguration {
  readonly id: number
  readonly reference: string
  readonly startedOn: string
  readonly resignedOn: string | null
  /** On the day it was loaded: not started, running (suspended or not), or over. */
  readonly phase: 'future' | 'running' | 'ended'
  /** Suspended on the day it was loaded. */
  readonly suspended: boolean
  readonly member: { readonly id: number; readonly displayName: string; readonly username: string; readonly email: string }
  readonly offer: { readonly id: number; readonly name: string; readonly reference: string } | null
}
/** What every configuration has, whatever its type. */
export interface BaseConfiguration {
  readonly id: number
  readonly type: string
  readonly comment: string
  readonly version: number
  readonly subscription: SubscriptionOfConfiguration
  readonly ipSubnets: readonly IpSubnet[]
}
/** A configuration as apps see it: the child's columns, the base's comment, its subscription and its subnets. */
export type Configuration<T extends ConfigurationTable> = InferSelectModel<T> & Omit<BaseConfiguration, 'id' | 'type'>
export type OwnColumn<T extends ConfigurationTable> = Exclude<keyof InferSelectModel<T>, 'id' | 'type'> & string

export interface SubnetChange {
  readonly kind: 'added' | 'removed' | 'modified'
  /** As it is now; of a removed one, as it was. */
  readonly subnet: IpSubnet
}

export interface ConfigurationRequest<T extends ConfigurationTable> {
  readonly c: Context
  /** Loaded, and the one who asks may see it. */
  readonly configuration: Configuration<T>
  readonly tx: Tx
}
/** A page about one configuration: for the member who owns it, and for staff. */
export interface ConfigurationView<T extends ConfigurationTable> {
  readonly path: `/:id${string}`
  /** `owner` unless given: the owner and staff; `staff`: staff only. */
  readonly access?: 'owner' | 'staff'
  /** What staff need for it, such as `vpn.reset`; `configuration.view` to get it and `configuration.change` to post to it unless given. */
  readonly permission?: `${string}.${string}`
  get?(request: ConfigurationRequest<T>): Reply
  post?(request: ConfigurationRequest<T>): Reply
}

/** One type of configuration: the whole contract of an access technology. */
export interface ConfigurationSpec<T extends ConfigurationTable, V extends string = never> {
  readonly table: T
  /** Its name in the interface; the table's name unless given. */
  readonly verboseName?: string
  /** What names one of them in lists and sentences. */
  describe(configuration: Configuration<T>): string
  /** Label, help, check and secrecy of each column: said once, used by every form, list, command and history. */
  readonly fields: { readonly [K in OwnColumn<T>]?: Field<InferSelectModel<T>[K]> }
  readonly admin: {
    /** Columns of the list of this type. */
    readonly list?: readonly OwnColumn<T>[]
    /** Shown, never edited. */
    readonly readonly?: readonly OwnColumn<T>[]
    /** What staff edit on the subscription's page. */
    readonly inline: { readonly layout?: 'stacked' | 'tabular'; readonly fields: readonly OwnColumn<T>[] }
  }
  /** The URL prefix of its views; the table's name unless given. */
  readonly urlNamespace?: string
  /** Without views there is no link to the member's page. */
  readonly views?: { readonly [Name in V | 'details']: ConfigurationView<T> }
  /** Values for columns left empty when one is made, such as a generated login. */
  prepare?(
    draft: { readonly subscription: SubscriptionOfConfiguration; readonly values: Readonly<Partial<InferSelectModel<T>>> },
    tx: Tx,
  ): Promise<Partial<InferSelectModel<T>>>
  /**
   * The subnets of a configuration have changed. Inside the transaction that changed them: may write the app's own tables, may
   * throw to refuse. For a change made outside of Coin: in a transaction of its own, soon after. No input or output.
   */
  onSubnetEvent?(
    event: { readonly configuration: Configuration<T>; readonly changes: readonly SubnetChange[] },
    tx: Tx,
  ): Promise<void> | void
  readonly backend?: AnyBackend
}

const brand = Symbol.for('coin.configuration')

/** A type of configuration as the registry keeps it. */
export interface AnyConfiguration {
  readonly [brand]: 1
  /** The table's name, and the value of `configuration.type`. */
  readonly type: string
  readonly spec: ConfigurationSpec<ConfigurationTable, string>
}
export const isConfiguration = (value: unknown): value is AnyConfiguration => typeof value === 'object' && value !== null && brand in value

/** Declares a type of configuration. */
export function defineConfiguration<T extends ConfigurationTable, V extends string = never>(
  spec: ConfigurationSpec<T, V>,
): AnyConfiguration {
  // the registry only ever hands the functions of `spec` configurations of its own table
  return Object.freeze({
    [brand]: 1 as const,
    type: getTableName(spec.table),
    spec: spec as unknown as ConfigurationSpec<ConfigurationTable, string>,
  })
}

/** The generic page of one configuration, for its member. */
export const detailView = <T extends ConfigurationTable>(
  _table: T,
  render: (configuration: Configuration<T>) => Html,
): ConfigurationView<T> => ({
  path: '/:id',
  get: ({ configuration }) => render(configuration),
})
