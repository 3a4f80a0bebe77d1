import { createRequire } from 'node:module'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type * as Typst from '@myriaddreamin/typst-ts-node-compiler'
import type { NodeCompiler, NodeError, NodeTypstDocument } from '@myriaddreamin/typst-ts-node-compiler'
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
 * Sets a template as PDF/A-3b, which takes about 10 ms of this thread. Whatever Typst warns of is an error, an unknown font above all: it
 * would be replaced by another. A character that no font has becomes a question mark, because PDF/A refuses it.
 */
export async function typeset(input: TypstInput): Promise<Uint8Array> {
  const folder = path.dirname(input.template)
  const compiler = compilerFor(folder)
  const files = [...input.files].map(([name, content]) => ({ file: path.join(folder, name), content }))
  for (const { file, content } of files) compiler.mapShadow(file, Buffer.from(content))
  try {
    return exported(compiler, input, input.data)
  } catch (error) {
    // after an error it goes on with the template as it read it: one that is mended is read by another
    compilers.delete(folder)
    throw error
  } finally {
    for (const { file } of files) compiler.unmapShadow(file)
    compiler.evictCache(turnsKept)
    // what Typst gives back is only freed between two turns of the event loop: without this the memory of a batch grows by 1 MB a document
    await nextTurn()
  }
}

/** How long Typst remembers what it did not use again: long enough for what is the same on each document. */
const turnsKept = 5

const compilers = new Map<string, NodeCompiler>()

/**
 * One for each folder of templates. Typst is 50 MB of machine code, loaded when the first document is written, and by `require`, because it
 * looks for that code from where it lies itself and so cannot be bundled.
 */
function compilerFor(workspace: string): NodeCompiler {
  const known = compilers.get(workspace)
  if (known) return known
  const { NodeCompiler } = createRequire(import.meta.url)('@myriaddreamin/typst-ts-node-compiler') as typeof Typst
  const made = NodeCompiler.create({ workspace, fontArgs: [{ fontPaths: [path.join(workspace, 'fonts')] }] })
  compilers.set(workspace, made)
  return made
}

function exported(compiler: NodeCompiler, input: TypstInput, data: string): Uint8Array {
  const set = compiled(compiler, input, data)
  try {
    return compiler.pdf(set, { pdfStandard: 'a-3b', pdfTags: false })
  } catch (error) {
    const complaint = String(error)
    const writable = withoutMissingGlyphs(data, complaint)
    if (writable === data)
      throw new TypstError([...new Set([...complaint.matchAll(/message: "(.*?)", trace/g)].map(([, message = '']) => message))])
    return exported(compiler, input, writable)
  }
}

function compiled(compiler: NodeCompiler, { template, date, epilogue }: TypstInput, data: string): NodeTypstDocument {
  const [year, month, day] = date.split('-').map(Number)
  const main = `#set document(date: datetime(year: ${year}, month: ${month}, day: ${day}))\n#include ${JSON.stringify(path.basename(template))}\n${epilogue}`
  const result = compiler.compile({ mainFileContent: main, inputs: { data }, resetRead: true })
  const problems = [result.takeError(), result.takeWarnings()].flatMap(found => (found ? messages(compiler, found) : []))
  const set = result.result
  if (!set || problems.length > 0) throw new TypstError(problems)
  return set
}

const messages = (compiler: NodeCompiler, found: NodeError): string[] =>
  compiler
    .fetchDiagnostics(found)
    .map(({ message, path: file }: { message: string; path?: string }) => (file ? `${path.basename(file)}: ${message}` : message))
