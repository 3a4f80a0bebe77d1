import type { Context } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'

/** What a JSX expression is to Hono; its own `JSX.Element` is not exported from hono/jsx. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** What a view may answer. */
export type Reply = Html | Response | Promise<Html | Response>
export type { Context }
