import { t } from '../app/i18n.ts'
import type { FieldError } from '../errors.ts'
import { type Content, classes } from './html.ts'
import { Icon } from './icon.tsx'

interface FormProps {
  readonly action: string
  readonly method?: 'post' | 'get'
  /** The verb on the button. */
  readonly submit: string
  readonly cancel?: string
  readonly hidden?: Readonly<Record<string, string>>
  readonly id?: string
  /** `card-body` inside a card, `card` to be one; `plain` for neither. */
  readonly frame?: 'card' | 'card-body' | 'plain'
  /** A file field needs it. */
  readonly multipart?: boolean
  /** Offers to look at what it would do first: the button sends `coin.plan=review`, and the verb is the second choice. */
  readonly review?: boolean | undefined
  /** Beside the buttons. */
  readonly note?: Content
  readonly kind?: 'primary' | 'danger'
  /** htmx attributes: `{ 'hx-post': …, 'hx-target': … }`. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly children?: Content
}

/** Fields one below another, then the verb. Checks are the server's, so that they say the same everywhere. */
export function Form(props: FormProps) {
  const { frame = 'card' } = props
  const inside = (
    <div class="fields">
      {Object.entries(props.hidden ?? {}).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {props.children}
      <div class="actions">
        {props.review && <ReviewButton />}
        <button class={props.review ? 'btn' : `btn btn-${props.kind ?? 'primary'}`} type="submit">
          {props.submit}
        </button>
        {props.cancel && (
          <a class="btn" href={props.cancel}>
            {t('Cancel')}
          </a>
        )}
        {props.note && <span class="hint align-self-center">{props.note}</span>}
      </div>
    </div>
  )
  return (
    <form
      class={classes(frame !== 'plain' && frame)}
      id={props.id}
      method={props.method ?? 'post'}
      action={props.action}
      enctype={props.multipart ? 'multipart/form-data' : undefined}
      novalidate
      {...props.attributes}
    >
      {frame === 'card' ? <div class="card-body">{inside}</div> : inside}
    </form>
  )
}

/** Sends the form to have shown what it would do. */
export const ReviewButton = () => (
  <button class="btn btn-primary" type="submit" name="coin.plan" value="review">
    {t('Review the change')}
  </button>
)

/** Two short fields side by side. */
export const Pair = ({ children }: { children?: Content }) => <div class="pair">{children}</div>

/** What is wrong with one field, in the language of the page; give it to `Field` as `error`. */
export function errorOf(errors: readonly FieldError[] | undefined, field: string): string | undefined {
  const found = errors?.find(error => error.field === field)
  return found && t(found.message, found.values)
}

/** Everything to mend, with links to the fields. Focused after a full load. */
export const ErrorSummary = ({ errors }: { errors: readonly FieldError[] }) =>
  errors.length === 0 ? null : (
    <div class="flash fail" role="alert" tabindex={-1} data-focus>
      <Icon name="alert-circle" />
      <div>
        <b>{t('{{count}} things to mend before this can be saved.', { count: errors.length })}</b>
        <ul>
          {errors.map(error => (
            <li>{error.field ? <a href={`#${error.field}`}>{t(error.message, error.values)}</a> : t(error.message, error.values)}</li>
          ))}
        </ul>
      </div>
    </div>
  )
