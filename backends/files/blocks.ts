import { CoinError } from 'coin'
import { byKey } from './names.ts'

/** How the lines are written that enclose what is Coin's. */
export interface Markers {
  readonly name: string
  readonly comment: string | readonly [string, string]
}

/** One file, taken apart. `before` and `after` are somebody else's. */
export interface Parts {
  readonly before: string
  readonly header: string
  readonly blocks: ReadonlyMap<string, string>
  /** Below the last block; with it, whatever somebody wrote between two blocks. */
  readonly footer: string
  readonly after: string
  /** Whether the enclosing lines are there. */
  readonly framed: boolean
}

/** Texts of bytes: foreign parts of a file need not be UTF-8, and stay as they are. */
export const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
export const asText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** Ends with a line break, unless empty. */
export const asLines = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/** Whether a text has a line that would be taken for one of ours. */
export const looksEnclosing = (text: string, { comment }: Markers): boolean => {
  const [open] = [comment].flat()
  return text.split(/\r?\n/).some(line => line.trimStart().startsWith(`${open} >>> `) || line.trimStart().startsWith(`${open} <<< `))
}

/** Takes the text of a file apart. Throws, with the line, when the lines that enclose are not as Coin wrote them. */
export function takeApart(bytes: string, markers: Markers, file: string): Parts {
  const lines = bytes.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const at = (line: string) => lines.flatMap((each, index) => (bare(each) === asBytes(line) ? [index] : []))
  const [begins, ends] = [at(frame('>>>', markers)), at(frame('<<<', markers))]
  const [begin, end] = [begins[0], ends[0]]
  if (begin === undefined && end === undefined)
    return { before: asLines(bytes), header: '', blocks: new Map(), footer: '', after: '', framed: false }
  if (begin === undefined || end === undefined || end < begin || begins.length + ends.length > 2)
    throw damaged(file, (begins[1] ?? ends[1] ?? begin ?? end ?? 0) + 1)
  const inside = takeBlocks(lines, begin + 1, end, markers, file)
  return { before: lines.slice(0, begin).join(''), ...inside, after: lines.slice(end + 1).join(''), framed: true }
}

function takeBlocks(lines: readonly string[], from: number, to: number, markers: Markers, file: string) {
  const blocks = new Map<string, string>()
  let [header, footer, content] = ['', '', '']
  let open: string | undefined
  for (let index = from; index < to; index++) {
    const line = lines[index] ?? ''
    const begins = keyOf(line, '>>>', markers)
    const ends = keyOf(line, '<<<', markers)
    if (begins !== undefined) {
      if (open !== undefined || blocks.has(begins)) throw damaged(file, index + 1)
      open = begins
      content = ''
    } else if (ends !== undefined) {
      if (open !== ends) throw damaged(file, index + 1)
      blocks.set(ends, asText(content))
      open = undefined
    } else if (open !== undefined) content += line
    else if (blocks.size === 0) header += line
    else footer += line
  }
  if (open !== undefined) throw damaged(file, to + 1)
  return { header: asText(header), blocks, footer: asText(footer) }
}

/** The whole file again, blocks by key. */
export function putTogether({ before, after, blocks }: Parts, header: string, footer: string, markers: Markers): string {
  const enclosed = [...blocks]
    .sort(([one], [other]) => byKey(one, other))
    .map(([key, content]) => `${mark('>>>', key, markers)}\n${content}${mark('<<<', key, markers)}\n`)
  const ours = [frame('>>>', markers), '\n', header, ...enclosed, footer, frame('<<<', markers), '\n']
  return before + ours.map(asBytes).join('') + after
}

type Arrow = '>>>' | '<<<'
const frame = (arrow: Arrow, markers: Markers) => mark(arrow, `coin ${markers.name}: written by Coin, changes in here are lost`, markers)

function mark(arrow: Arrow, text: string, { comment }: Markers): string {
  const [open, close] = [comment].flat()
  return `${open} ${arrow} ${text}${close === undefined ? '' : ` ${close}`}`
}

/** The key that an enclosing line carries. */
function keyOf(line: string, arrow: Arrow, { comment }: Markers): string | undefined {
  const [open, close] = [comment].flat()
  const start = asBytes(`${open} ${arrow} `)
  const end = close === undefined ? '' : asBytes(` ${close}`)
  const text = bare(line)
  return text.startsWith(start) && text.endsWith(end) ? asText(text.slice(start.length, text.length - end.length)) : undefined
}

const bare = (line: string) => line.replace(/\r?\n$/, '')

const damaged = (file: string, line: number) =>
  new CoinError('refused', '{{file}}, line {{line}}: the lines between which Coin writes are not as Coin wrote them.', {
    values: { file, line },
    hint: 'Put the line right, or remove everything that Coin wrote there, with the lines that enclose it: it is written anew.',
  })
