import { encode } from 'uqr'

/** The dark modules of a QR code as the `d` of a path, and how many modules it is wide and high. */
export function qrPath(content: string): { readonly path: string; readonly size: number } {
  const { data, size } = encode(content, { ecc: 'M', border: 0 })
  return { path: data.flatMap((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join(''), size }
}

/** Where dark modules begin, and how many follow. */
function runs(row: readonly boolean[]): [x: number, length: number][] {
  const found: [number, number][] = []
  row.forEach((dark, x) => {
    const last = found.at(-1)
    if (!dark) return
    if (last && last[0] + last[1] === x) last[1]++
    else found.push([x, 1])
  })
  return found
}
