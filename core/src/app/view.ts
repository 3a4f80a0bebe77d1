import type { Context, Reply } from './html.ts'

/**
 * Who may use a route: anybody, anybody who signed in (`signing_in`: or still lacks the second factor that they must have), a member, staff, or who has a permission such as
 * `member.change`. Every route states it: there is no default.
 */
export type Access = 'public' | 'signing_in' | 'signed_in' | 'member' | 'staff' | `${string}.${string}`

/** A page of an app that is not about one configuration. */
export interface View {
  /** Below the app's prefix: `/`, `/report/:year`. */
  readonly path: `/${string}`
  readonly access: Access
  /**
   * Called by programs, not from pages: a request says who it is in its `Authorization` header, which the view checks itself, and one
   * without is refused. Cookies count for nothing here and nobody is signed in, so that another site gains nothing by having a browser
   * send something. Its `access` is `public`.
   */
  readonly machine?: true
  /** True when the view itself narrows what it shows and does to what `visibleTo` allows, so that staff limited to some offers or groups may use it. */
  readonly narrows?: true
  /** What may be sent to it at most, in bytes: one mebibyte unless given. Its path has no parameters, and who may not use it sends no more than that. */
  readonly largestBody?: number
  get?(c: Context): Reply
  post?(c: Context): Reply
}
export type Views = Readonly<Record<string, View>>
