import { qrPath } from '../../ui/qr-path.ts'

/**
 * A QR code as an SVG of one path, without a border: whoever shows it leaves four modules of white around it. Error correction M, as
 * EPC069-12 wants it.
 */
export function qrSvg(content: string): string {
  const { path, size } = qrPath(content)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path d="${path}"/></svg>`
}
