// Sets documents in a thread of its own: about 15 ms each, in which the other threads go on. JavaScript as it is, because a thread begins with a file
// and cannot begin with a part of a bundle. What it is asked and what it answers: see typst.ts.
import { createRequire } from 'node:module'
import path from 'node:path'
import { parentPort } from 'node:worker_threads'

// 50 MB of machine code, and by `require`, because it looks for that code from where it lies itself
const { NodeCompiler } = createRequire(import.meta.url)('@myriaddreamin/typst-ts-node-compiler')

/** How long Typst remembers what it did not use again: long enough for what is the same on each document. */
const turnsKept = 5

/** One for each folder of templates. */
const compilers = new Map()

parentPort.on('message', asked => parentPort.postMessage(answerTo(asked)))

function answerTo({ folder, main, data, files, format }) {
  const compiler = compilerFor(folder)
  const shadows = files.map(([name, content]) => ({ file: path.join(folder, name), content }))
  for (const { file, content } of shadows) compiler.mapShadow(file, Buffer.from(content))
  try {
    const answer = set(compiler, main, data, format)
    // after an error it goes on with the template as it read it: one that is mended is read by another
    if (!answer.pdf) compilers.delete(folder)
    return answer
  } finally {
    for (const { file } of shadows) compiler.unmapShadow(file)
    compiler.evictCache(turnsKept)
  }
}

function compilerFor(folder) {
  const known = compilers.get(folder)
  if (known) return known
  const made = NodeCompiler.create({ workspace: folder, fontArgs: [{ fontPaths: [path.join(folder, 'fonts')] }] })
  compilers.set(folder, made)
  return made
}

function set(compiler, main, data, format) {
  const result = compiler.compile({ mainFileContent: main, inputs: { data }, resetRead: true })
  const problems = [result.takeError(), result.takeWarnings()].flatMap(found => (found ? messages(compiler, found) : []))
  if (!result.result || problems.length > 0) return { problems }
  try {
    return { pdf: compiler.pdf(result.result, format) }
  } catch (error) {
    return { complaint: String(error) }
  }
}

const messages = (compiler, found) =>
  compiler.fetchDiagnostics(found).map(({ message, path: file }) => (file ? `${path.basename(file)}: ${message}` : message))
