import type { SQL } from 'drizzle-orm'

/** A line of the menu. It shows only to those who may open its view, and only while the app is installed. */
export interface MenuItem<V extends string = string> {
  readonly label: string
  /** A view of the same app. */
  readonly view: NoInfer<V>
  /** A name in the icon sprite. */
  readonly icon?: string
  readonly audience?: 'member' | 'staff'
  /** The heading it stands under in the staff menu. */
  readonly section?: MenuSection
  /** Lower comes first; 100 unless given. */
  readonly order?: number
  /** How many things there need a person, shown with each page when above zero: a scalar query, which is asked together with the others. */
  count?(): Promise<number> | SQL
}
/** `settings` is what one rarely changes; `account` comes last, without a heading. */
export type MenuSection = 'today' | 'people' | 'money' | 'network' | 'apps' | 'settings' | 'account'
export const menuSections: readonly MenuSection[] = ['today', 'people', 'money', 'network', 'apps', 'settings', 'account']
