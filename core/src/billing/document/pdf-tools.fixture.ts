import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import jsqr from 'jsqr'

/** What qpdf and poppler say of a PDF. */
export interface ReadPdf {
  readonly text: string
  readonly pages: number
  /** The names of attachments, with what they hold. */
  readonly attachments: ReadonlyMap<string, Uint8Array>
  /** Each with whether it is embedded. */
  readonly fonts: readonly { readonly name: string; readonly embedded: boolean }[]
  /** The objects in plain text. */
  readonly objects: string
  readonly xmp: string
  /** What the first QR code on the first page says. */
  readonly qr: string | undefined
}

/** Reads a PDF with other people's programs; an error if qpdf finds anything wrong or doubtful in it. */
export function readPdf(pdf: Uint8Array, { qr = false } = {}): ReadPdf {
  const folder = mkdtempSync(path.join(tmpdir(), 'coin-pdf-'))
  const file = path.join(folder, 'document.pdf')
  const run = (program: string, ...given: string[]) =>
    execFileSync(program, given, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    writeFileSync(file, pdf)
    // exit code 3 stands for warnings, and throws too
    run('qpdf', '--check', file)
    const objects = execFileSync('qpdf', ['--qdf', '--object-streams=disable', file, '-'], { maxBuffer: 1e8 }).toString('latin1')
    const names = [...run('pdfdetach', '-list', file).matchAll(/^\d+: (.+)$/gm)].map(([, name = '']) => name)
    if (names.length > 0) run('pdfdetach', '-saveall', file)
    const fonts = run('pdffonts', file).split('\n').slice(2).filter(Boolean)
    return {
      text: run('pdftotext', '-layout', file, '-'),
      pages: Number(/^Pages:\s+(\d+)$/m.exec(run('pdfinfo', file))?.[1]),
      attachments: new Map(names.map(name => [name, readFileSync(path.join(folder, name))])),
      fonts: fonts.map(line => ({
        name: line.split(' ')[0] ?? '',
        embedded: /\s(yes|no)\s+(yes|no)\s+(yes|no)\s/.exec(line)?.[1] === 'yes',
      })),
      objects,
      xmp: run('pdfinfo', '-meta', file),
      qr: qr ? decodeQr(execFileSync('pdftoppm', ['-r', '150', '-gray', '-l', '1', file], { maxBuffer: 1e8 })) : undefined,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From a picture in PGM, as pdftoppm draws it. */
function decodeQr(pgm: Buffer): string | undefined {
  const [head = '', width = 0, height = 0] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pgm.toString('latin1', 0, 40)) ?? []
  const grey = pgm.subarray(head.length)
  const colours = new Uint8ClampedArray(grey.length * 4).map((_, index) => (index % 4 === 3 ? 255 : (grey[index >> 2] ?? 255)))
  return jsqr.default(colours, Number(width), Number(height))?.data
}
