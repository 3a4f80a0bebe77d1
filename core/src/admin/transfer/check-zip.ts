import { inflateRawSync } from 'node:zlib'
import { invalid } from '../../errors.ts'
import { checkExtent } from './check-extent.ts'

const mebibyte = 1024 * 1024
/** What a spreadsheet may hold when it is unpacked: far more than any that people fill in. */
const largest = 256 * mebibyte
const mostEntries = 2000

const damaged = () => invalid('file', 'This spreadsheet is damaged: save it again.')
const tooLarge = () =>
  invalid('file', 'This spreadsheet holds more than {{megabytes}} MB: split it, or save it as CSV.', { megabytes: largest / mebibyte })

/**
 * Throws unless a zip archive unpacks to what it says, and to no more than is read: an archive may be a small file that fills the memory. What it
 * says of itself is not believed: each file of it is unpacked up to there.
 */
export function checkZip(bytes: Buffer): void {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > bytes.length) throw damaged()
  const [count, start] = [bytes.readUInt16LE(end + 10), bytes.readUInt32LE(end + 16)]
  if (count > mostEntries) throw tooLarge()
  let [at, total] = [start, 0]
  for (let entry = 0; entry < count; entry++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw damaged()
    const size = bytes.readUInt32LE(at + 24)
    total += size
    if (size > largest || total > largest) throw tooLarge()
    checkEntry(bytes, at, size)
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
}

function checkEntry(bytes: Buffer, at: number, size: number) {
  const [method, packed, local] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)]
  if (local + 30 > bytes.length) throw damaged()
  const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
  if (from + packed > bytes.length) throw damaged()
  if (method === 0) {
    if (packed !== size) throw damaged()
    return checkExtent(bytes.subarray(from, from + packed))
  }
  if (method !== 8) throw damaged()
  checkExtent(unpacked(bytes.subarray(from, from + packed), size))
}

function unpacked(packed: Buffer, size: number): Buffer {
  try {
    const content = inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) })
    if (content.length === size) return content
  } catch {
    // said below
  }
  throw damaged()
}
