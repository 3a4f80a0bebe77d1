import { t } from '../app/i18n.ts'
import { currentScope, isStaff, withinScope } from '../app/scope.ts'
import { currentEntry } from './current.ts'
import { FindField } from './find-field.tsx'
import { asset, host, type MenuEntry, type MenuSection, type Shell, sitePath } from './host.ts'
import type { Content } from './html.ts'
import { Icon } from './icon.tsx'
import { countTogether } from './menu-count.ts'

/** Staff: a side menu, behind a link on a phone. */
export const StaffShell = ({ children }: { children?: Content }) => (
  <div class="app">
    <header class="side">
      <Brand href="/admin" />
      <a class="btn menu-open" href="#menu">
        <Icon name="menu-2" />
        {t('Menu')}
      </a>
      <nav class="menu" id="menu" aria-label={t('Main')}>
        <a class="menu-close" href="#main">
          <Icon name="x" />
          {t('Close')}
        </a>
        <FindField />
        {menu('staff').map(part => (
          <>
            {part.section && <h2>{t(part.section)}</h2>}
            <MenuList items={part.items} />
          </>
        ))}
        <div class="who small quiet">
          <span>{currentScope().actor.label}</span>
          <span class="row-flex">
            {currentScope().actor.memberId !== undefined && (
              <a class="quiet u" href={sitePath('/')}>
                {t('My own page')}
              </a>
            )}
            <Themes />
            <Languages />
            <button class="as-link quiet u" type="button" data-keys hidden>
              {t('Keys')}
            </button>
            <SignOut />
          </span>
        </div>
      </nav>
    </header>
    <main class="main" id="main" tabindex={-1}>
      {children}
    </main>
  </div>
)

/** Members: a bar at the top; on a phone its menu sits at the bottom. */
export const MemberShell = ({ children }: { children?: Content }) => (
  <>
    <header class="topbar">
      <div>
        <Brand href="/" />
        <nav class="menu" aria-label={t('Main')}>
          <MenuBar items={menu('member').flatMap(part => part.items)} />
        </nav>
        <span class="push small row-flex">
          <Themes />
          <Languages />
          {isStaff(currentScope().actor) && (
            <a class="quiet u" href={sitePath('/admin')}>
              {t('Back office')}
            </a>
          )}
          <SignOut />
        </span>
      </div>
    </header>
    <main class="member" id="main" tabindex={-1}>
      {children}
    </main>
  </>
)

/** Nobody has signed in: the name, the language, the content. */
export const GuestShell = ({ children }: { children?: Content }) => (
  <>
    <header class="topbar">
      <div>
        <Brand href="/" />
        <span class="push small row-flex">
          <Themes />
          <Languages />
        </span>
      </div>
    </header>
    <main class="member guest" id="main" tabindex={-1}>
      {children}
    </main>
  </>
)

const Brand = ({ href }: { href: string }) => (
  <a class="brand" href={sitePath(href)}>
    <img src={asset('coin', host().logo)} width="28" height="28" alt="" />
    <span>{host().providerName}</span>
  </a>
)

const MenuList = ({ items, children }: { items: readonly CurrentEntry[]; children?: Content }) => (
  <ul>
    {items.map(item => (
      <li>
        <a href={item.href} aria-current={item.current ? 'page' : undefined}>
          <Icon name={item.icon ?? 'package'} />
          <span>{item.app ? withinScope({ app: item.app }, () => t(item.label)) : t(item.label)}</span>
          {item.counted && <Count of={item.counted} />}
        </a>
      </li>
    ))}
    {children}
  </ul>
)

/** As many lines as a phone shows side by side, each with its word whole. */
const places = 5

/** The first lines of a menu, and the others behind the last place. */
function MenuBar({ items }: { items: readonly CurrentEntry[] }) {
  if (items.length <= places) return <MenuList items={items} />
  const others = items.slice(places - 1)
  const counts = others.flatMap(({ counted }) => counted ?? [])
  return (
    <MenuList items={items.slice(0, places - 1)}>
      <li>
        <details class="drop">
          <summary aria-current={others.some(({ current }) => current) ? 'true' : undefined}>
            <Icon name="dots" />
            <span>{t('More')}</span>
            {counts.length > 0 && <Count of={Promise.all(counts).then(all => all.reduce((sum, each) => sum + each, 0))} />}
          </summary>
          <div>
            <MenuList items={others} />
          </div>
        </details>
      </li>
    </MenuList>
  )
}

const Count = async ({ of }: { of: Promise<number> }) => {
  const count = await of
  return count > 0 ? (
    <span class="count">
      {count}
      <span class="visually-hidden"> {t('need a person')}</span>
    </span>
  ) : null
}

const languageNames: Readonly<Record<string, string>> = { en: 'English', fr: 'Français' }

/** Where one is, to come back to. */
function here(): string {
  const { path, query } = currentScope()
  return encodeURIComponent(query.size > 0 ? `${path}?${query}` : path)
}

/** To the other theme; from one that was chosen, also back to the system's. */
const Themes = () => {
  const { theme } = currentScope()
  const other =
    theme === 'dark'
      ? ['system', 'device-desktop', t('As the system')]
      : theme === 'light'
        ? ['dark', 'moon', t('Dark')]
        : ['light', 'sun', t('Light')]
  const [name, icon, label] = other
  return (
    <a class="quiet u" href={`${sitePath(`/theme/${name}`)}?next=${here()}`} title={t('Theme: {{theme}}', { theme: label ?? '' })}>
      <Icon name={icon ?? 'sun'} />
      <span class="visually-hidden">{t('Theme: {{theme}}', { theme: label ?? '' })}</span>
    </a>
  )
}

/** The other languages, each in its own words. */
const Languages = () => {
  const { locale } = currentScope()
  const others = host().translations.languages.filter(language => language !== locale)
  return (
    <>
      {others.map(language => (
        <a class="quiet u" href={`${sitePath(`/language/${language}`)}?next=${here()}`} hreflang={language} lang={language}>
          {languageNames[language] ?? new Intl.DisplayNames(language, { type: 'language' }).of(language)}
        </a>
      ))}
    </>
  )
}

const SignOut = () => (
  <form method="post" action={sitePath('/sign-out')}>
    <button class="as-link quiet u" type="submit">
      {t('Sign out')}
    </button>
  </form>
)

type CurrentEntry = MenuEntry & { readonly current: boolean; readonly counted: Promise<number> | undefined }

/** The menu with the entry of this page marked. */
function menu(shell: Shell): readonly (MenuSection & { readonly items: readonly CurrentEntry[] })[] {
  const current = currentEntry(shell)
  const parts = host().menuFor(currentScope().actor, shell)
  const counts = countTogether(parts.flatMap(({ items }) => items.flatMap(({ count }) => count ?? [])))
  const entry = (item: MenuEntry) => ({ ...item, current: item.href === current, counted: item.count && counts.get(item.count) })
  return parts.map(part => ({ ...part, items: part.items.map(entry) }))
}
