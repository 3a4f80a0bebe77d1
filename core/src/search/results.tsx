import type { Hit } from '../app/finder.ts'
import { t } from '../app/i18n.ts'
import { Card, formatNumber, Icon, sitePath } from '../ui/index.ts'
import type { Found, Group } from './search-all.ts'

/** What was found, kind by kind. `whole`: one kind, all of it. `brief`: a few lines under the field. */
export const Groups = ({ found, whole, brief }: { found: Found; whole?: boolean; brief?: boolean }) => (
  <>
    {found.groups.map(group =>
      brief ? (
        <section aria-labelledby={`menu-found-${group.name}`}>
          <h2 id={`menu-found-${group.name}`}>
            {group.label} <span class="quiet">{countOf(group)}</span>
          </h2>
          <Hits hits={group.hits} />
          {group.more && <a href={everything(group, found.text)}>{t('All of them')}</a>}
        </section>
      ) : (
        <Card
          title={group.label}
          id={`found-${group.name}`}
          note={countOf(group)}
          body={false}
          actions={
            group.more &&
            (!whole || group.all) && (
              <a class="quiet u small" href={whole && group.all ? sitePath(group.all) : everything(group, found.text)}>
                {t('All of them')}
                <span class="visually-hidden">: {group.label}</span>
              </a>
            )
          }
        >
          <Hits hits={group.hits} icon={group.icon ?? 'search'} />
        </Card>
      ),
    )}
  </>
)

const countOf = ({ hits, more }: Group) =>
  more ? t('more than {{number}}', { number: formatNumber(hits.length) }) : formatNumber(hits.length)

/** The list of a kind where there is one, else this page with all of that kind. */
const everything = ({ name, all }: Group, text: string) =>
  sitePath(all ?? `/admin/search?q=${encodeURIComponent(text)}&kind=${encodeURIComponent(name)}`)

const Hits = ({ hits, icon }: { hits: readonly Hit[]; icon?: string }) => (
  <ul class={icon ? 'todo brief' : 'plain'}>
    {hits.map(hit => (
      <li>
        {icon && (
          <span class="dot">
            <Icon name={icon} />
          </span>
        )}
        <div>
          <a href={sitePath(hit.path)}>{hit.label}</a>
          {hit.sub && <span class="quiet d-block small">{hit.sub}</span>}
        </div>
        {icon && hit.state}
        {icon && hit.exact && (
          <a class="btn btn-sm" href={sitePath(hit.path)}>
            {t('Open it')}
            <span class="visually-hidden"> {hit.label}</span>
          </a>
        )}
      </li>
    ))}
  </ul>
)
