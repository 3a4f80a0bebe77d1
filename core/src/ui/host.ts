import type { Translations } from '../app/i18n.ts'
import { type Actor, currentScope } from '../app/scope.ts'
import type { Assets } from '../web/static.ts'
import type { MenuCount } from './menu-count.ts'

/** Which frame a page wears: the side menu, the top bar, or none. */
export type Shell = 'staff' | 'member' | 'guest'

/** One link of the menu. `label` is English and translated when shown; `href` has its base path. */
export interface MenuEntry {
  readonly label: string
  readonly href: string
  readonly icon?: string | undefined
  /** Whose words the label is in; the page's app unless given. */
  readonly app?: string | undefined
  /** How many things need a person; shown when above zero. */
  readonly count?: MenuCount
}

/** Links under a small heading; an empty section has no heading. */
export interface MenuSection {
  readonly section: string
  readonly items: readonly MenuEntry[]
}

/** What the interface asks of the registry. */
export interface InterfaceHost {
  readonly providerName: string
  /** IANA name, such as `Europe/Paris`: moments are shown in it. */
  readonly timeZone: string
  readonly translations: Translations
  readonly assets: Assets
  /** The core's static file that is the provider's logo. */
  readonly logo: string
  menuFor(actor: Actor, shell: Shell): readonly MenuSection[]
  /** Files that apps add to their own pages, as [app, path]. */
  readonly stylesheets: readonly (readonly [app: string, path: string])[]
  readonly scripts: readonly (readonly [app: string, path: string])[]
}

/** The registry of the current scope, as the interface sees it. */
export const host = (): InterfaceHost => currentScope().registry

/** The address of a path of this site, base path included. */
export const sitePath = (path: string): string => currentScope().basePath + path

/** The address of a file of an app's `static/` folder, with its content hash. */
export const asset = (app: string, path: string): string => currentScope().basePath + host().assets.path(app, path)
