/**
 * The public API of Coin: everything an app or a deployment may use, and nothing else.
 *
 * The words
 * - **App**: an extension. A folder or a package that declares itself once with `defineApp`, listed in `coin.config.ts`.
 * - **Deployment**: one provider's Coin: its `coin.config.ts`, its database, its apps.
 * - **Member**: who subscribes. **Offer**: what can be subscribed to. **Subscription**: one member's hold of an offer.
 * - **Configuration**: the technical side of one subscription. Each *type* is a table of an app, a child of `configuration`.
 * - **IP pool**: prefixes that the provider hands out from. **IP subnet**: the block that one configuration holds.
 * - **Inline**: the fields of a configuration that staff edit on the subscription's page.
 * - **View**: an address of the site that an app answers. **Slot**: a place in a core page where an app may put something.
 * - **Resource**: a kind of object that the back office and the CLI list, show, add, change and remove.
 * - **Hook**: runs inside the transaction of a change and may refuse it (`onSubnetEvent`, `beforeCommit`).
 * - **Delivery**: a change told after its commit, once, whoever made it (`afterCommit`).
 * - **Job**: work that outlives a request, retried until it succeeds.
 * - **Backend**: makes a piece of infrastructure agree with the configurations: desired state, compared with what is observed.
 * - **Actor**: who acts: a user, the system, or nobody. **Scope**: what a request carries along, so that `t` and `url` are plain functions.
 */

// A deployment and its apps

export { type App, type Contributions, defineApp, type Identity } from './app/app.ts'
export { type Config, type ConfigInput, defineConfig, type Provider } from './app/config.ts'

// Access technologies

export {
  type AnyBackend,
  type BackendIo,
  type BackendSpec,
  type Difference,
  defineBackend,
  type Failures,
  type Json,
  type Target,
  type TargetSpec,
  type Wanted,
} from './app/backend.ts'
export {
  type AnyConfiguration,
  type BaseConfiguration,
  type Configuration,
  type ConfigurationRequest,
  type ConfigurationSpec,
  type ConfigurationTable,
  type ConfigurationView,
  configurationTable,
  defineConfiguration,
  detailView,
  type IpSubnet,
  type OwnColumn,
  type SubnetChange,
  type SubscriptionOfConfiguration,
} from './app/configuration.ts'
export { changeConfiguration } from './configurations/rules.ts'
export { updateView } from './configurations/update-view.tsx'
export { type NetworkState, networkState } from './provisioning/network-state.ts'

// Money

export {
  type AnyBillingStrategy,
  type BillingStrategy,
  type Days,
  type Due,
  type DueCharge,
  defineBillingStrategy,
  type Fee,
  type Stretch,
} from './app/billing-strategy.ts'
export { type UsageStrategy, usageStrategy } from './billing/strategies/usage.ts'
export { recordUsage, type Usage } from './billing/usage.ts'

// Pages

export { mayWith, requireVisible, visibleTo } from './admin/find.ts'
export type { Context, Html, Reply } from './app/html.ts'
export { type Translate, t } from './app/i18n.ts'
export type { MenuItem, MenuSection } from './app/menu.ts'
export {
  type Basis,
  dayOf,
  eraseBy,
  type PersonalData,
  rowsNaming,
  rowsOfConfigurations,
  rowsOfSubscriptions,
  type Term,
  type Whom,
} from './app/personal-data.ts'
export { type AnyRequestKind, type Asking, defineRequest, type MemberRequest, type RequestKind } from './app/request-kind.ts'
export { type Actor, currentScope, isStaff, may, mayEverywhere, type Scope, type Within } from './app/scope.ts'
export { isSealOutdated, seal, unseal } from './app/sealed.ts'
export type { SlotRenderers, Slots } from './app/slots.ts'
export { url } from './app/url.ts'
export type { Access, View, Views } from './app/view.ts'
export {
  Address,
  asset,
  Bulk,
  Button,
  ButtonLink,
  Card,
  CardBody,
  type Column,
  Confirm,
  type Content,
  CopyButton,
  type Crumb,
  Diff,
  Empty,
  ErrorSummary,
  errorOf,
  type Fact,
  Facts,
  Field as FormField,
  type FieldProps as FormFieldProps,
  Filters,
  Flash,
  Form,
  formatDate,
  formatDateTime,
  formatMoney,
  formatNumber,
  Icon,
  Moment,
  Note,
  Page,
  type PageProps,
  Pager,
  Pair,
  Plan,
  Poll,
  PostButton,
  Progress,
  parseDate,
  parseMoney,
  Secret,
  Slot,
  State,
  type StateName,
  StatItem,
  Stats,
  Table,
  Timeline,
  type TimelineItem,
} from './ui/index.ts'
export { tellLive } from './web/live.ts'
export { publicOrigin } from './web/origin.ts'
export { redirectTo } from './web/reply.ts'

// Objects of the back office and the CLI

export { type AnyFinder, asWords, defineFinder, type FinderSpec, type Hit, type Understood } from './app/finder.ts'
export {
  type AnyResource,
  type Choice,
  type ControlProps,
  defineResource,
  type Field,
  type FieldKind,
  type Filter,
  type Inline,
  type Input,
  type ListColumn,
  type ResourceList,
  type ResourceSpec,
  type Row,
} from './app/resource.ts'

// Work beside requests

export type { AfterCommit, BeforeCommit, Change, EventName, Events } from './app/events.ts'
export { type Command, type CommandInput, defineJob, type Job, type JobIo } from './app/job.ts'
export type { OnSignIn, ServiceSignIn } from './app/sign-in.ts'
export { type EnqueueOptions, enqueue } from './jobs/enqueue.ts'
export { type NewFile, readFile, type StoredFile, storeFile } from './system/file.ts'
export { type Mail, type MailAttachment, sendMail, sendMails } from './system/mail.ts'

// The database and its refusals

export type { Tx } from './db/database.ts'
export type { ConstraintMessage, ConstraintMessages } from './db/errors.ts'
export { CoinError, type ErrorCode, type ErrorDetails, type FieldError, invalid, isCoinError, type Values } from './errors.ts'
