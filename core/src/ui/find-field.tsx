import { t } from '../app/i18n.ts'
import { sitePath } from './host.ts'
import { Icon } from './icon.tsx'

/** The one search field of staff. What one types is looked for at once where scripts run; Enter opens the page of all that was found. */
export const FindField = () => (
  // biome-ignore lint/a11y/useSemanticElements: a search element does not submit
  <form class="find" method="get" action={sitePath('/admin/search')} role="search" aria-label={t('Everything')}>
    <input type="hidden" name="go" value="1" />
    <Icon name="search" />
    <label class="visually-hidden" for="find">
      {t('Search everything')}
    </label>
    <input
      class="form-control"
      type="search"
      id="find"
      name="q"
      maxlength={200}
      autocomplete="off"
      placeholder={t('Search everything')}
      hx-get={sitePath('/admin/search?typing=1')}
      hx-target="#menu-found"
      hx-swap="outerHTML"
      hx-trigger="input changed delay:250ms"
      hx-sync="this:replace"
    />
    <div id="menu-found" class="menu-found" />
  </form>
)
