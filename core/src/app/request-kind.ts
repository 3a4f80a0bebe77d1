import type { Tx } from '../db/database.ts'
import type { Html } from './html.ts'
import type { Field, Input } from './resource.ts'

/** What somebody has asked for. */
export interface MemberRequest {
  readonly id: number
  readonly memberId: number
  /** The fields of these names, when the kind has them. */
  readonly subscriptionId: number | null
  readonly offerId: number | null
  /** The other fields of its kind, as they were understood. */
  readonly wanted: Input
}

/** What a member fills in, before it is a request. */
export interface Asking extends Omit<MemberRequest, 'id'> {}

/** A kind of thing that members may ask for. Staff accept or refuse it. */
export interface RequestKind {
  /** snake_case, unique among all apps: what requests are stored with. */
  readonly name: string
  /** What members ask for: `A new subscription`. */
  readonly label: string
  /** One line under it, where members choose. */
  readonly help?: string
  readonly icon?: string
  /**
   * What members fill in beside their message. `subscriptionId` and `offerId` are kept with the request, so that staff who are limited to
   * some offers see those of theirs.
   */
  readonly fields: Readonly<Record<string, Field>>
  /** True when a message is compulsory. */
  readonly needsMessage?: boolean
  /** Who may ask: `members` unless given, `pending` ones too, or `nobody` here, because it is asked for elsewhere. */
  readonly askedBy?: 'members' | 'pending' | 'nobody'
  /** What one has to know before one asks, beside the form. */
  explain?(memberId: number, tx: Tx): Promise<Html | undefined>
  /** Refuses what cannot be asked for: throws `invalid(field, …)`. */
  check?(asking: Asking, tx: Tx): Promise<void>
  /** What staff settle when they accept. */
  readonly settles?: Readonly<Record<string, Field>>
  /** What stands in these fields at first, from what was asked. */
  proposed?(request: MemberRequest, tx: Tx): Promise<Input>
  /** True when staff may look first at what accepting does to bills, addresses and backends. */
  readonly planned?: boolean
  /** Does what was asked, in the transaction in which the request is accepted. May refuse. */
  accept?(request: MemberRequest, settled: Input, tx: Tx): Promise<void>
  /** What refusing it does beside saying so. */
  refuse?(request: MemberRequest, tx: Tx): Promise<void>
}

const brand = Symbol.for('coin.request_kind')

/** A kind of request as the registry keeps it. */
export interface AnyRequestKind extends RequestKind {
  readonly [brand]: 1
}
export const isRequestKind = (value: unknown): value is AnyRequestKind => typeof value === 'object' && value !== null && brand in value

/** Declares something that members may ask for: it appears among their requests, and in the work list of staff. */
export const defineRequest = (kind: RequestKind): AnyRequestKind => Object.freeze({ ...kind, [brand]: 1 as const })
