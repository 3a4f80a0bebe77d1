import type { AnyResource } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import { pathOf } from '../row-pages.tsx'
import type { SentBulk } from './bulk-page.tsx'

/** Where forms about chosen rows go: with the view, which may say of which kind they are. */
export function bulkPath(resource: AnyResource): string {
  const view = currentScope().query.get('view')
  return `${pathOf(resource, 'bulk')}${view ? `?view=${encodeURIComponent(view)}` : ''}`
}

/** Which rows, and what is done with them, to be sent again. */
export const HiddenChoice = ({ sent: { chosen, deed } }: { sent: SentBulk }) => (
  <>
    <input type="hidden" name="do" value={deed} />
    {'ids' in chosen ? (
      chosen.ids.map(id => <input type="hidden" name="id" value={String(id)} />)
    ) : (
      <>
        <input type="hidden" name="all" value="yes" />
        <input type="hidden" name="query" value={chosen.query} />
      </>
    )}
  </>
)
