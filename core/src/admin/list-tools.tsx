import { t } from '../app/i18n.ts'
import type { AnyResource } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { Field, Icon, sitePath } from '../ui/index.ts'
import type { ListResult } from './list.ts'
import { type ListPreference, mayEdit, mayShare, type SavedView } from './saved-view.ts'

interface ToolsProps {
  readonly resource: AnyResource
  readonly result: ListResult
  readonly query: URLSearchParams
  readonly preference: ListPreference
  readonly saved: SavedView | undefined
}

/** Which columns a list shows, and its views: saved, renamed, removed. */
export const ListTools = (props: ToolsProps) =>
  currentScope().actor.userId === undefined ? null : (
    <div class="row-flex list-tools">
      {props.result.list.columns.length > 2 && <ColumnChoice {...props} />}
      <ViewForm {...props} />
    </div>
  )

/** A GET form, so that what is shown is in the address; its other buttons remember it. */
function ColumnChoice({ resource, result, query, preference }: ToolsProps) {
  const path = sitePath(`/admin/${resource.plural}`)
  const [first, ...others] = result.list.columns
  const kept = [...query].filter(([name]) => name !== 'columns')
  return (
    <details class="drop end-drop">
      <summary class="btn">
        <Icon name="list-details" />
        {t('Columns')}
      </summary>
      <div>
        <form method="get" action={path} class="stack">
          <input type="hidden" name="query" value={String(query)} />
          {kept.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <fieldset>
            <legend class="form-label">{t('Beside {{column}}', { column: t(first?.label ?? '') })}</legend>
            {others.map(column => (
              <label class="form-check">
                <input
                  class="form-check-input"
                  type="checkbox"
                  name="columns"
                  value={column.key}
                  checked={result.columns.includes(column)}
                />{' '}
                <span>{t(column.label)}</span>
              </label>
            ))}
          </fieldset>
          <button class="btn btn-primary" type="submit">
            {t('Show')}
          </button>
          <button class="btn" type="submit" formmethod="post" formaction={`${path}/columns`} name="do" value="remember">
            {t('Always show these')}
          </button>
          {preference.columns && (
            <button class="btn" type="submit" formmethod="post" formaction={`${path}/columns`} name="do" value="usual">
              {t('The usual ones again')}
            </button>
          )}
        </form>
      </div>
    </details>
  )
}

function ViewForm({ resource, query, preference, saved }: ToolsProps) {
  const { actor } = currentScope()
  const own = saved && mayEdit(saved, actor) ? saved : undefined
  const opens = saved !== undefined && saved.id === preference.opensWith
  return (
    <details class="drop end-drop">
      <summary class="btn">
        <Icon name="bookmark" />
        {saved ? t('This view') : t('Save this view')}
      </summary>
      <div>
        <form method="post" action={sitePath(`/admin/${resource.plural}/views`)} class="stack">
          <input type="hidden" name="query" value={String(query)} />
          {saved && <input type="hidden" name="saved" value={String(saved.id)} />}
          {saved && <input type="hidden" name="version" value={String(saved.version)} />}
          <Field name="name" id="view-name" label={t('Name')} value={saved?.name ?? ''} autocomplete="off" />
          {mayShare(actor) && (
            <Field name="shared" id="view-shared" label={t('For all staff')} kind="checkbox" value={saved?.shared ?? false} />
          )}
          <Field name="opens" id="view-opens" label={t('The list opens with it')} kind="checkbox" value={opens} />
          {own && (
            <button class="btn btn-primary" type="submit" name="do" value="change">
              {t('Save what is shown')}
            </button>
          )}
          <button class={own ? 'btn' : 'btn btn-primary'} type="submit" name="do" value="add">
            {saved ? t('Save as another view') : t('Save')}
          </button>
          {saved && !own && (
            <button class="btn" type="submit" name="do" value="open">
              {t('Save with what the list opens')}
            </button>
          )}
          {own && (
            <button class="btn btn-danger" type="submit" name="do" value="remove">
              {t('Remove this view')}
            </button>
          )}
        </form>
      </div>
    </details>
  )
}
