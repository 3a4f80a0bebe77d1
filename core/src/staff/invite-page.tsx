import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { type FieldError, isCoinError } from '../errors.ts'
import { errorOf, Field, Form, Page } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { coversAll } from './giving.ts'
import { inviteStaff, type NewStaff } from './invite.ts'
import { allRoles } from './queries.ts'

/** Lets somebody work here: a form for who and which roles, then a mail with a link. */
export const inviteView: View = {
  path: '/admin/staff/invite',
  access: 'user.manage',
  get: async c => show({ email: c.req.query('email') ?? '', name: c.req.query('name') ?? '', roleIds: [] }),
  post: save,
}

async function save(c: Context): Promise<Response> {
  const form = await c.req.formData()
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const typed = {
    email: text('email'),
    name: text('name'),
    language: text('language') === 'fr' ? 'fr' : 'en',
    roleIds: form.getAll('roles').map(Number).filter(Number.isSafeInteger),
  }
  try {
    const { id, email, invited } = await c.var.coin.transaction(c.var.actor, tx => inviteStaff(tx, c.var.actor, typed))
    const done = invited
      ? t('An invitation is on its way to {{email}}.', { email })
      : t('{{email}} has an account already, and has the roles now.', { email })
    return redirectTo(c, url('staff:user', { id }), done)
  } catch (error) {
    if (!isCoinError(error) || !['invalid', 'refused'].includes(error.code)) throw error
    const errors = error.fields.length > 0 ? error.fields : [{ field: 'roles', message: error.message, values: error.values }]
    return c.html(await show(typed, errors), 422)
  }
}

async function show(typed: NewStaff, errors: readonly FieldError[] = []) {
  const { actor, db, registry } = currentScope()
  return (
    <Page title={t('Invite somebody to work here')} crumbs={[{ label: t('Staff'), href: url('staff:people') }]} errors={errors}>
      <Form action={url('staff:invite')} submit={t('Invite')} cancel={url('staff:people')}>
        <Field
          name="email"
          kind="email"
          label={t('E-mail address')}
          hint={t(
            'Whoever has an account with it, such as a member, gets the roles. Anybody else gets a mail with a link to choose a password.',
          )}
          value={typed.email}
          error={errorOf(errors, 'email')}
        />
        <Field name="name" label={t('Name')} value={typed.name} error={errorOf(errors, 'name')} />
        <Field
          name="language"
          kind="choice"
          label={t('Language')}
          value={typed.language ?? registry.config.provider.language}
          options={[
            { value: 'en', label: 'English' },
            { value: 'fr', label: 'Français' },
          ]}
        />
        <Field
          name="roles"
          kind="checkboxes"
          label={t('Roles')}
          value={typed.roleIds.map(String)}
          error={errorOf(errors, 'roles')}
          options={(await allRoles(db)).map(({ id, name, permissions }) => ({
            value: String(id),
            label: name,
            ...(!coversAll(actor, permissions) && { disabled: true }),
          }))}
        />
      </Form>
    </Page>
  )
}
