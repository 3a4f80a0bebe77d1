import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { type Content, Page, Stack, sitePath } from '../ui/index.ts'

interface ReviewProps {
  readonly title: string
  /** What will happen, in one sentence. */
  readonly sum: string
  readonly until: string
  readonly ids: readonly number[]
  readonly action: string
  /** The verb on the button. */
  readonly submit: string
  readonly children?: Content
}

/** What would be done to the chosen members, to be applied or left: nothing has happened yet. */
export const ReviewPage = ({ title, sum, until, ids, action, submit, children }: ReviewProps) => (
  <Page
    title={title}
    crumbs={[
      { label: t('Membership fees'), href: sitePath('/admin/fees') },
      { label: t('Calls for the fee'), href: url('fees:calls', { until }) },
    ]}
    head={<span class="quiet">{t('Nothing has changed yet.')}</span>}
  >
    <Stack>
      <section class="card" aria-label={title}>
        <div class="card-body">
          <p>{sum}</p>
        </div>
        <form class="card-body actions" method="post" action={action}>
          <input type="hidden" name="until" value={until} />
          <input type="hidden" name="ids" value={ids.join(',')} />
          {ids.length > 0 && (
            <button class="btn btn-primary" type="submit" name="do" value="apply">
              {submit}
            </button>
          )}
          <a class="btn" href={url('fees:calls', { until })}>
            {t('Keep as it is')}
          </a>
        </form>
      </section>
      {children}
    </Stack>
  </Page>
)
