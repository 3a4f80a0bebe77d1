import { invalid } from '../../errors.ts'

/** What kind of image these bytes are, as the end of a file name by which Typst knows it. */
export function imageExtension(image: Uint8Array): string {
  const head = Buffer.from(image.subarray(0, 256))
  const found = kinds.find(([, isOne]) => isOne(head))
  if (!found) throw invalid('logo', 'The logo is not an SVG, PNG, JPEG, GIF or WebP image.')
  return found[0]
}

const kinds: readonly (readonly [extension: string, isOne: (head: Buffer) => boolean])[] = [
  ['png', head => head.subarray(1, 4).equals(Buffer.from('PNG'))],
  ['jpg', head => head[0] === 0xff && head[1] === 0xd8],
  ['gif', head => head.subarray(0, 3).equals(Buffer.from('GIF'))],
  ['webp', head => head.subarray(8, 12).equals(Buffer.from('WEBP'))],
  ['svg', head => /^\ufeff?\s*<(\?xml|svg|!--|!DOCTYPE svg)/.test(head.toString('utf8'))],
]
