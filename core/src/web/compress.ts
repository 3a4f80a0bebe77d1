import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { StaticFile } from './static-files.ts'

export type Encoding = 'br' | 'gzip'

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** What compressed files may take in memory; above it they are compressed at each request. */
const limit = 32 * 1024 * 1024

/** Compresses a file at its first request and keeps the result. */
export function createCompressor(): (file: StaticFile, encoding: Encoding) => Promise<Buffer> {
  const kept = new Map<string, Promise<Buffer>>()
  let size = 0
  return (file, encoding) => {
    const key = `${encoding} ${file.url}`
    const known = kept.get(key)
    if (known) return known
    const work =
      encoding === 'br'
        ? brotli(file.content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: file.content.length } })
        : zip(file.content, { level: 9 })
    if (size + file.content.length <= limit) {
      size += file.content.length
      kept.set(key, work)
    }
    return work
  }
}
