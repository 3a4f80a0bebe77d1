import { defineApp, Page, type View } from 'coin'

const front = { home: { path: '/', access: 'public', get: () => <Page title="Cool" /> } } satisfies Record<string, View>
const list = { list: { path: '/', access: 'public', get: () => <Page title="All of them" /> } } satisfies Record<string, View>

/** `/coolapp` and `/cool-list`, in place of `/my_app`; named `my_app:home` and `my_app:list`. */
export default defineApp(
  { name: 'my_app', verboseName: 'Cool', root: import.meta.url },
  {
    views: front,
    exportedUrls: [
      ['coolapp', front],
      ['cool-list', list],
    ],
    menu: [{ label: 'Cool', view: 'home', audience: 'member' }],
  },
)
