import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { Empty, Icon, Note, Page, sitePath } from '../ui/index.ts'
import { Groups } from './results.tsx'
import { type Found, searchAll } from './search-all.ts'

/** How many of a kind show when there are several kinds, when one was asked for, and under the field while one types. */
const shown = { several: 8, one: 100, typing: 4 }

/** Everything that a text may mean, and what there is of it. Enter on exactly one thing opens it. */
export const searchPage: View = {
  path: '/admin/search',
  access: 'staff',
  narrows: true,
  async get(c) {
    const typed = c.req.query('q') ?? ''
    const only = c.req.query('kind') || undefined
    const { db } = c.var.coin.database
    if (c.req.query('typing') !== undefined) return <Typing found={await searchAll(db, typed, shown.typing)} />
    const found = await searchAll(db, typed, only === undefined ? shown.several : shown.one, only)
    return jump(c, found) ?? <SearchPage found={found} only={only} />
  },
}

/** The only thing that is exactly what was typed, when the form was sent and not a link followed. */
function jump(c: Context, { groups }: Found): Response | undefined {
  if (c.req.query('go') === undefined) return undefined
  const exact = groups.flatMap(({ hits }) => hits.filter(hit => hit.exact))
  const [only] = exact
  return only && new Set(exact.map(({ path }) => path)).size === 1 ? c.redirect(sitePath(only.path), 302) : undefined
}

const SearchPage = ({ found, only }: { found: Found; only: string | undefined }) => (
  <Page
    title={found.text ? t('Search: {{text}}', { text: found.text }) : t('Search')}
    crumbs={
      only === undefined
        ? []
        : [{ label: t('All that was found'), href: `${sitePath('/admin/search')}?q=${encodeURIComponent(found.text)}` }]
    }
  >
    {/* biome-ignore lint/a11y/useSemanticElements: a search element does not submit */}
    <form class="filters" method="get" action={sitePath('/admin/search')} role="search" aria-label={t('Search')}>
      <input type="hidden" name="go" value="1" />
      <div class="field-search grow">
        <Icon name="search" />
        <label class="visually-hidden" for="q">
          {t('Name, number, address, phone, reference')}
        </label>
        <input
          class="form-control"
          type="search"
          id="q"
          name="q"
          value={found.text}
          maxlength={200}
          autocomplete="off"
          placeholder={t('Name, number, address, phone, reference')}
          hx-get={sitePath('/admin/search')}
          hx-target="#found"
          hx-select="#found"
          hx-swap="outerHTML"
          hx-trigger="input changed delay:250ms"
          hx-sync="this:replace"
        />
      </div>
      <button class="btn" type="submit">
        {t('Search')}
      </button>
    </form>
    <div id="found" class="stack">
      <Understood found={found} />
      {found.text !== '' && found.groups.length === 0 && found.missing.length === 0 && (
        <Empty title={t('Nothing was found')} icon="search">
          {t('A part is enough: of a name, a number, a telephone number. Addresses and dates are understood however they are written.')}
        </Empty>
      )}
      <Groups found={found} whole={only !== undefined} />
    </div>
  </Page>
)

/** What stands under the field of the menu while one types. */
const Typing = ({ found }: { found: Found }) => (
  <div id="menu-found" class="menu-found">
    {found.text !== '' && (
      <>
        <Understood found={found} />
        {found.groups.length === 0 && found.missing.length === 0 && <p class="quiet small m-0">{t('Nothing was found')}</p>}
        <Groups found={found} brief />
      </>
    )}
  </div>
)

const Understood = ({ found: { text, understood, missing } }: { found: Found }) => (
  <>
    {text !== '' && (
      <p class="quiet small m-0" role="status">
        {understood.length > 0
          ? t('Understood as {{readings}}.', {
              readings: new Intl.ListFormat(currentScope().locale, { type: 'disjunction' }).format(understood),
            })
          : t('Type two characters or more.')}
      </p>
    )}
    {missing.length > 0 && (
      <Note tone="drift">{t('These could not be searched in time: {{kinds}}. Type more of it.', { kinds: missing.join(', ') })}</Note>
    )}
  </>
)
