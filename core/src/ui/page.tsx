import { raw } from 'hono/html'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { FieldError } from '../errors.ts'
import { checkedHtml } from './checked-html.ts'
import { shellOfPage } from './current.ts'
import { Flash } from './flash.tsx'
import { ErrorSummary } from './form.tsx'
import { asset, host, type Shell } from './host.ts'
import type { Content, Html } from './html.ts'
import { GuestShell, MemberShell, StaffShell } from './shell.tsx'
import { Slot } from './slot.tsx'

/** A step of the breadcrumb; the page itself is not one. */
export interface Crumb {
  readonly label: string
  readonly href?: string | undefined
}

export interface PageProps {
  /** The document's title, and its heading unless `heading` is given. */
  readonly title: string
  readonly heading?: Content
  /** Worked out from the path and the actor: `/admin` is staff's. */
  readonly shell?: Shell
  readonly crumbs?: readonly Crumb[]
  /** The line of states under the heading. */
  readonly head?: Content
  /** Buttons at the end of the heading. */
  readonly actions?: Content
  /** What is wrong with the form of this page: summed up on top, and the title begins "Error:". */
  readonly errors?: readonly FieldError[]
  /** `<link rel="stylesheet" href={asset('app', 'file.css')} />` */
  readonly extraCss?: Html
  /** `<script src={asset('app', 'file.js')} defer />`; files only, an inline script is refused. */
  readonly extraJs?: Html
  readonly children?: Content
}

/** A whole document, or only the content of `main` when htmx asked for a fragment. */
export function Page(props: PageProps) {
  const scope = currentScope()
  const title = props.errors?.length ? `${t('Error:')} ${props.title}` : props.title
  const fullTitle = `${title} · ${host().providerName}`
  const content = checkedHtml(
    <>
      <PageHead {...props} />
      {scope.flash && <Flash kind={scope.flash.kind}>{scope.flash.message}</Flash>}
      <ErrorSummary errors={props.errors ?? []} />
      {props.children}
    </>,
  )
  if (scope.fragment) {
    return (
      <>
        <title>{fullTitle}</title>
        {content}
      </>
    )
  }
  const shell = props.shell ?? shellOfPage()
  const Frame = shell === 'staff' ? StaffShell : shell === 'member' ? MemberShell : GuestShell
  const own = (files: readonly (readonly [string, string])[]) => files.filter(([app]) => app === scope.app)
  return (
    <>
      {doctype}
      <html lang={scope.locale} data-bs-theme={scope.theme}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{fullTitle}</title>
          <link rel="icon" href={asset('coin', host().logo)} />
          <link rel="stylesheet" href={asset('coin', 'tabler.min.css')} />
          <link rel="stylesheet" href={asset('coin', 'app.css')} />
          {host().assets.has('coin', 'look.css') && <link rel="stylesheet" href={asset('coin', 'look.css')} />}
          {own(host().stylesheets).map(([app, path]) => (
            <link rel="stylesheet" href={asset(app, path)} />
          ))}
          {props.extraCss && checkedHtml(props.extraCss)}
          <meta name="htmx-config" content={htmxConfig} />
          <script src={asset('coin', 'htmx.min.js')} defer />
          <script src={asset('coin', 'coin.js')} defer />
          <script src={asset('coin', 'live.js')} defer />
          {own(host().scripts).map(([app, path]) => (
            <script src={asset(app, path)} defer />
          ))}
          <Slot name="layout.head" />
          {props.extraJs && checkedHtml(props.extraJs)}
        </head>
        <body>
          <a class="skip" href="#main">
            {t('Go to the content')}
          </a>
          <Frame>{content}</Frame>
          <ScriptWords />
        </body>
      </html>
    </>
  )
}

const doctype = raw('<!doctype html>')

/** Indicator styles would be a style element, which the Content-Security-Policy forbids. */
const htmxConfig = '{"includeIndicatorCSS":false,"history":true}'

/** What coin.js says. Templates, because it can say nothing of its own. */
const ScriptWords = () => (
  <>
    <template id="unreachable">
      <div data-unreachable>
        <Flash kind="fail">{t('The server cannot be reached. What you see may be old; load the page again.')}</Flash>
      </div>
    </template>
    <template id="keys">
      <form method="dialog">
        <div class="card-header">
          <h2>{t('Keys')}</h2>
        </div>
        <div class="card-body">
          <dl class="facts">
            <div>
              <dt>
                <kbd>/</kbd>
              </dt>
              <dd>{t('Search everything')}</dd>
            </div>
            <div>
              <dt>
                <kbd>?</kbd>
              </dt>
              <dd>{t('This list')}</dd>
            </div>
          </dl>
        </div>
        <div class="card-body actions">
          <button class="btn btn-primary" type="submit">
            {t('Close')}
          </button>
          <button class="btn" type="submit" data-keys-off>
            {t('Switch the keys off')}
          </button>
          <button class="btn" type="submit" data-keys-on>
            {t('Switch the keys on')}
          </button>
        </div>
      </form>
    </template>
  </>
)

const PageHead = ({ title, heading, crumbs = [], head, actions }: PageProps) => (
  <div class="page-head">
    <div>
      {crumbs.length > 0 && (
        <nav class="crumbs" aria-label={t('Breadcrumb')}>
          {crumbs.map((crumb, index) => (
            <>
              {index > 0 && ' / '}
              {crumb.href ? <a href={crumb.href}>{crumb.label}</a> : <span>{crumb.label}</span>}
            </>
          ))}
        </nav>
      )}
      <h1 tabindex={-1}>{heading ?? title}</h1>
      {head && <div class="row-flex">{head}</div>}
    </div>
    {actions && <div class="actions">{actions}</div>}
  </div>
)
