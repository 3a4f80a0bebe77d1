/** What an app needs in `coin.config.ts`. */
export interface ConfigLines {
  readonly import: string
  readonly call: string
}

/**
 * The text of a `coin.config.ts` with one more app, or undefined when it is not written in the usual way: then nobody should guess.
 */
export function addToConfig(text: string, lines: ConfigLines): string | undefined {
  const code = blanked(text)
  const lists = [...code.matchAll(/\bapps\s*:\s*\[/g)]
  const list = lists[0]
  const lastImport = [...code.matchAll(/^import\b.*$/gm)].at(-1)
  if (lists.length !== 1 || !list || !lastImport || !/ from +/.test(lastImport[0])) return undefined
  const end = closing(code, list.index + list[0].length)
  if (end === undefined) return undefined
  const importEnd = lastImport.index + lastImport[0].length
  if (importEnd > list.index) return undefined
  return `${text.slice(0, importEnd)}\n${lines.import}${text.slice(importEnd, list.index + list[0].length)}${withCall(text.slice(list.index + list[0].length, end), lines.call)}${text.slice(end)}`
}

/** The inside of the list with one more element, written as the others are: on one line, or each on its own. */
function withCall(inside: string, call: string): string {
  const [, body = '', space = ''] = inside.match(/^([\s\S]*?)(\s*)$/) ?? []
  if (body.trim() === '') return call
  const indent = body.match(/\n([ \t]*)\S[^\n]*$/)?.[1]
  const comma = body.endsWith(',') || /,\s*\/\/[^\n]*$/.test(body) ? '' : ','
  if (indent === undefined) return `${body}${comma} ${call}${space}`
  return /\/\/[^\n]*$/.test(body) && comma
    ? `${body.replace(/(\s*\/\/[^\n]*)$/, ',$1')}\n${indent}${call},${space}`
    : `${body}${comma}\n${indent}${call},${space}`
}

/** Where the bracket that is open before `from` is closed. */
function closing(code: string, from: number): number | undefined {
  let depth = 1
  for (let at = from; at < code.length; at++) {
    if ('([{'.includes(code[at] ?? '')) depth++
    if (')]}'.includes(code[at] ?? '')) depth--
    if (depth === 0) return code[at] === ']' ? at : undefined
  }
  return undefined
}

/** The text with strings and comments blanked out, at its length. */
const blanked = (text: string): string =>
  text.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, found =>
    found.replace(/[^\n]/g, ' '),
  )
