import { t } from '../app/i18n.ts'
import { withinScope } from '../app/scope.ts'
import { Empty, Field, Form, Page } from '../ui/index.ts'
import type { AdminRequest } from './mount.ts'
import { crumbsOf, pathOf } from './row-pages.tsx'

/** The first step of adding to a resource of several kinds: which one. What the query says already goes along. */
export async function choosePage({ c, coin, resource }: AdminRequest): Promise<Response> {
  const variants = resource.variants?.(coin.registry) ?? []
  const { kind: _, ...rest } = c.req.query()
  const options = variants.map(({ name, app, resource: of }) => ({ value: name, label: withinScope({ app }, () => t(of.label)) }))
  return c.html(
    <Page title={t('Add: {{kind}}', { kind: t(resource.label) })} crumbs={crumbsOf(resource)}>
      {options.length === 0 ? (
        <Empty title={t('Nothing can be added yet')} icon={resource.icon ?? 'package'}>
          {t('No app of this deployment brings a kind of it. Add one to coin.config.ts.')}
        </Empty>
      ) : (
        <Form action={pathOf(resource, 'new')} method="get" submit={t('Continue')} cancel={pathOf(resource)} hidden={rest}>
          <Field name="kind" label={t('Kind')} kind="choice" options={options} value={options[0]?.value} />
        </Form>
      )}
    </Page>,
  )
}
