import { t } from '../app/i18n.ts'
import type { Content } from './html.ts'
import { Page } from './page.tsx'

interface ConfirmProps {
  /** A question: `End this subscription on 31 December?` */
  readonly title: string
  readonly action: string
  /** The verb, on a red button. */
  readonly submit: string
  readonly back: string
  readonly hidden?: Readonly<Record<string, string | readonly string[]>>
  readonly crumbs?: readonly { readonly label: string; readonly href?: string }[]
  /** What happens. */
  readonly children?: Content
}

/** The last step before something that destroys: what happens, the verb, and a way back. */
export const Confirm = ({ title, action, submit, back, hidden = {}, crumbs = [], children }: ConfirmProps) => (
  <Page title={title} crumbs={crumbs}>
    <section class="card">
      <div class="card-body">{children}</div>
      <form class="card-body actions" method="post" action={action}>
        {Object.entries(hidden).flatMap(([name, values]) =>
          [values].flat().map(value => <input type="hidden" name={name} value={value} />),
        )}
        <button class="btn btn-danger" type="submit">
          {submit}
        </button>
        <a class="btn" href={back}>
          {t('Keep as it is')}
        </a>
      </form>
    </section>
  </Page>
)
