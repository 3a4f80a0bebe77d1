// Reading sources as text.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** The TypeScript files of a folder, as paths from the root with `/`. */
export function sourcesIn(root, folder) {
  const start = path.join(root, folder)
  if (!existsSync(start)) return []
  return readdirSync(start, { recursive: true })
    .map(file => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter(file => /\.tsx?$/.test(file) && !file.includes('node_modules/'))
    .sort()
}

/** The text with comments blanked out; strings stay. */
export const withoutComments = text =>
  text.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, found =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  )
