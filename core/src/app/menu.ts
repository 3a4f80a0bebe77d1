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
  /** How many things there need a person: asked with each page, shown when above zero. */
  count?(): Promise<number>
}
/** `account` comes last, without a heading. */
export type MenuSection = 'today' | 'people' | 'money' | 'network' | 'apps' | 'account'
export const menuSections: readonly MenuSection[] = ['today', 'people', 'money', 'network', 'apps', 'account']
