import { raw } from 'hono/html'
import { currentScope } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import type { Html } from './html.ts'

const inlineScript = /<script\b(?![^>]*\ssrc=)[^>]*>/i

/** Renders, and refuses an inline script: the browser would drop it silently, because the Content-Security-Policy forbids it. */
export function checkedHtml(content: Html): Html {
  const text: string | Promise<string> =
    content instanceof Promise ? content.then(String) : (content.toString() as string | Promise<string>)
  return typeof text === 'string' ? check(text) : text.then(check)
}

function check(text: string) {
  if (inlineScript.test(text)) {
    throw new CoinError('refused', 'This page holds an inline script, which the Content-Security-Policy forbids.', {
      app: currentScope().app,
      hint: "Put it in a file of the app's static/ folder and pass extraJs={<script src={asset('app', 'file.js')} defer />}.",
    })
  }
  return raw(text)
}
