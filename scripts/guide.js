// Code blocks of the documentation that name a file (```ts path) hold that file. `node scripts/guide.js --write` fills them in.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const block = /^```(\w+) (\S+)\n([\s\S]*?)^```$/gm

/** The text with each block filled from its file. */
export const filled = (root, text) =>
  text.replace(block, (_, language, file) => `\`\`\`${language} ${file}\n${readFileSync(path.join(root, file), 'utf8').trimEnd()}\n\`\`\``)

/** The files that a text shows. */
export const filesShown = text => [...text.matchAll(block)].map(([, , file]) => file)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  for (const name of readdirSync(path.join(root, 'docs')).filter(file => file.endsWith('.md'))) {
    const file = path.join(root, 'docs', name)
    const text = readFileSync(file, 'utf8')
    if (filled(root, text) === text) continue
    if (process.argv.includes('--write')) writeFileSync(file, filled(root, text))
    else {
      console.error(`docs/${name}: a block differs from its file. Run node scripts/guide.js --write`)
      process.exitCode = 1
    }
  }
}
