import { type Asked, bytesOf } from './load.ts'

/** What a browser that has nothing yet takes for a page, in bytes as they are sent: the page, its styles and scripts, and their fonts. */
export async function firstVisit(asked: Asked): Promise<number> {
  const page = await bytesOf(asked, { 'Accept-Encoding': 'br, gzip' })
  const files = new Set([...page.text.matchAll(/(?:href|src)="([^"#?]*\/static\/[^"#?]+)/g)].flatMap(([, file]) => file ?? []))
  let sum = page.bytes
  for (const file of files) {
    const got = await bytesOf({ ...asked, path: file }, { 'Accept-Encoding': 'br' })
    sum += got.bytes
    if (file.endsWith('.css'))
      for (const font of await fontsOf({ ...asked, path: file })) sum += (await bytesOf({ ...asked, path: font })).bytes
  }
  return sum
}

/** The fonts that a browser loads for Latin text: those whose range of characters begins at zero, or that state none. */
async function fontsOf(asked: Asked): Promise<string[]> {
  const { text } = await bytesOf(asked)
  return [...text.matchAll(/@font-face\s*{[^}]*}/g)].flatMap(([face]) => {
    const range = /unicode-range:\s*([^;}]*)/.exec(face)?.[1]
    const file = /url\(["']?([^"')]+\.woff2)/.exec(face)?.[1]
    return file && (range === undefined || /U\+0+(?![1-9A-F])/i.test(range)) ? [new URL(file, asked.origin + asked.path).pathname] : []
  })
}
