// What people read exists in French, plurals in English too, and no translation is left of what nobody says any more.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { sourcesIn, withoutComments } from './sources.js'

/** Keys of declarations whose value is shown to people. */
const shown = ['label', 'labelPlural', 'labelNew', 'help', 'verboseName', 'empty', 'searchHint', 'message', 'hint', 'unit', 'as']
/** Tests, what only whoever runs the server reads, and invented people. */
const notForReaders =
  /\.test(-d)?\.tsx?$|fixture\.tsx$|\/(testing|fixture|cli|demo)\/|\/db\/(embedded|migrate)|\/app\/registry\.ts$|\/secret\.ts$/
const literal = `'(?:[^'\\\\\\n]|\\\\.)*'|"(?:[^"\\\\\\n]|\\\\.)*"`

/** Every missing and every unused translation, as a sentence. */
export function translationProblems(root) {
  const core = readPart(root, 'core/src')
  const apps = existsSync(path.join(root, 'apps')) ? readdirSync(path.join(root, 'apps')).map(name => readPart(root, `apps/${name}`)) : []
  return [...problemsOf(core, {}), ...apps.flatMap(app => problemsOf(app, core.locales))]
}

/** What is wrong with the texts of one part. `inherited` are the core's translations, which an app may use. */
export function problemsOf({ folder, said, everything, locales }, inherited) {
  const found = []
  const has = (language, key) => key in (locales[language] ?? {}) || key in (inherited[language] ?? {})
  for (const [text, file] of said) {
    const keys = text.includes('{{count}}') ? [`${text}_one`, `${text}_other`] : [text]
    for (const language of text.includes('{{count}}') ? ['en', 'fr'] : ['fr']) {
      const missing = keys.filter(key => !has(language, key))
      if (missing.length > 0) found.push(`${file}: ${language}.json lacks ${missing.map(key => JSON.stringify(key)).join(' and ')}`)
    }
  }
  for (const [language, texts] of Object.entries(locales)) {
    for (const key of Object.keys(texts)) {
      if (!everything.has(key.replace(/_(zero|one|two|few|many|other)$/, '')) && !everything.has(key))
        found.push(`${folder}/locales/${language}.json: nothing says ${JSON.stringify(key)}`)
    }
  }
  return found
}

/** The texts that a source shows to people. */
export function textsOf(source) {
  const text = withoutComments(source)
  const patterns = [
    new RegExp(`\\bt\\(\\s*(${literal})`, 'g'),
    new RegExp(`\\b(?:${shown.join('|')}):\\s*(${literal})`, 'g'),
    new RegExp(`\\bnew CoinError\\(\\s*'(?!boot')\\w+',\\s*(${literal})`, 'g'),
    new RegExp(`\\binvalid\\(\\s*(?:${literal}|[\\w.]+),\\s*(${literal})`, 'g'),
  ]
  const found = patterns.flatMap(pattern => [...text.matchAll(pattern)].map(([, quoted]) => unquoted(quoted)))
  return [...new Set(found)].filter(each => /\p{L}{2}/u.test(each))
}

function readPart(root, folder) {
  const sources = sourcesIn(root, folder).filter(file => !notForReaders.test(file))
  const said = new Map()
  const everything = new Set()
  for (const file of sources) {
    const source = readFileSync(path.join(root, file), 'utf8')
    for (const text of textsOf(source)) if (!said.has(text)) said.set(text, file)
    for (const [quoted] of withoutComments(source).matchAll(new RegExp(literal, 'g'))) everything.add(unquoted(quoted))
  }
  for (const text of refusalsIn(root, folder)) {
    everything.add(text)
    if (!said.has(text)) said.set(text, `${folder} (SQL)`)
  }
  return { folder, said, everything, locales: readLocales(root, folder) }
}

/** What the database says when it refuses: every text of a `coin.refuse…(…)` that reads like a sentence. */
function refusalsIn(root, folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .filter(file => file.endsWith('.sql') && !file.includes('node_modules'))
    .flatMap(file => [...readFileSync(path.join(root, folder, file), 'utf8').matchAll(/coin\.refuse(?:_filled)?\([^;]*;/g)])
    .flatMap(([call]) => [...call.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => text.replaceAll("''", "'")))
    .filter(text => /^\S.*[ ].*[.]$/.test(text) && !text.includes('%s'))
}

/** The translations of a part: its own, and those of the apps inside it. */
function readLocales(root, folder) {
  const folders = [
    folder,
    ...readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => `${folder}/${name}`),
  ]
  const found = {}
  for (const each of folders.map(name => path.join(root, name, 'locales')).filter(existsSync)) {
    for (const file of readdirSync(each).filter(name => name.endsWith('.json'))) {
      const language = file.slice(0, -5)
      found[language] = { ...found[language], ...JSON.parse(readFileSync(path.join(each, file), 'utf8')) }
    }
  }
  return found
}

const unquoted = quoted =>
  quoted
    .slice(1, -1)
    .replace(/\\u\{?([0-9a-fA-F]+)\}?|\\(.)/g, (_, code, character) =>
      code ? String.fromCodePoint(Number.parseInt(code, 16)) : character === 'n' ? '\n' : character,
    )
