import { availableParallelism } from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { RenderPdfOpts } from '@myriaddreamin/typst-ts-node-compiler'
import { withoutMissingGlyphs } from './missing-glyphs.ts'

export interface TypstInput {
  /** An absolute path. It can read what lies in its folder, and nothing else; fonts in a `fonts` folder beside it are used. */
  readonly template: string
  /** JSON, read by the template as `sys.inputs.data`. */
  readonly data: string
  /** What else it can read, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** ISO 8601. PDF/A wants one; the template may set another. */
  readonly date: string
  /** Typst that stands after the template. */
  readonly epilogue: string
}

/** What Typst says is wrong. */
export class TypstError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('; '))
    this.name = 'TypstError'
    this.problems = problems
  }
}

/**
 * Sets a template as PDF/A-3b, in a thread of its own; several at once are set side by side. Whatever Typst warns of is an error, an unknown font
 * above all: it would be replaced by another. A character that no font has becomes a question mark, because PDF/A refuses it.
 */
export async function typeset({ template, data, files, date, epilogue }: TypstInput): Promise<Uint8Array> {
  const [year, month, day] = date.split('-').map(Number)
  const main = `#set document(date: datetime(year: ${year}, month: ${month}, day: ${day}))\n#include ${JSON.stringify(path.basename(template))}\n${epilogue}`
  const asked = { folder: path.dirname(template), main, files: [...files], format }
  for (let writable = data; ; ) {
    const answer = await onThread({ ...asked, data: writable })
    if ('pdf' in answer) return answer.pdf
    if ('problems' in answer) throw new TypstError(answer.problems)
    const next = withoutMissingGlyphs(writable, answer.complaint)
    if (next === writable)
      throw new TypstError([...new Set([...answer.complaint.matchAll(/message: "(.*?)", trace/g)].map(([, message = '']) => message))])
    writable = next
  }
}

const format: RenderPdfOpts = { pdfStandard: 'a-3b', pdfTags: false }

interface Asked {
  readonly folder: string
  readonly main: string
  readonly data: string
  readonly files: readonly (readonly [name: string, content: Uint8Array])[]
  readonly format: RenderPdfOpts
}
/** `complaint`: what the export says that stopped it. */
type Answer = { readonly pdf: Uint8Array } | { readonly problems: readonly string[] } | { readonly complaint: string }

/** As many as a small machine has processors; one where nothing is set at once. */
const most = Math.min(2, availableParallelism())
const idle: Worker[] = []
const waiting: ((thread: Worker) => void)[] = []
let running = 0

/** Threads begin when they are needed, and stay: Typst takes a while to load. They do not keep the process from ending. */
async function onThread(asked: Asked): Promise<Answer> {
  const thread = idle.pop() ?? (running < most ? begin() : await new Promise<Worker>(resolve => waiting.push(resolve)))
  try {
    const answer = await ask(thread, asked)
    giveOn(thread)
    return answer
  } catch (error) {
    await thread.terminate()
    // whoever waits gets another
    if (waiting.length > 0) giveOn(begin())
    throw error
  }
}

function begin(): Worker {
  running++
  // what Typst gives back goes with the object that holds it: a small heap is swept often, else the memory of a batch grows by 1 MB a document
  const thread = new Worker(path.join(import.meta.dirname, 'typst-thread.js'), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 1 },
  })
  thread.on('error', () => {})
  thread.once('exit', () => {
    running--
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1)
  })
  return thread
}

function giveOn(thread: Worker): void {
  const next = waiting.shift()
  if (next) next(thread)
  else {
    thread.unref()
    idle.push(thread)
  }
}

function ask(thread: Worker, asked: Asked): Promise<Answer> {
  thread.ref()
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const ended = () => reject(new Error('The thread that sets documents has ended.'))
  thread.once('message', resolve).once('error', reject).once('exit', ended)
  thread.postMessage(asked)
  return promise.finally(() => thread.off('message', resolve).off('error', reject).off('exit', ended))
}
