import { qrPath } from '../billing/document/qr-svg.ts'

/** A text as a QR code, as shapes with a sentence for those who do not see them. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, size } = qrPath(text)
  // four modules of white around it, as the standard asks
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`-4 -4 ${size + 8} ${size + 8}`}
      width="240"
      height="240"
      shape-rendering="crispEdges"
    >
      <path fill="#fff" d={`M-4 -4h${size + 8}v${size + 8}h-${size + 8}z`} />
      <path fill="#000" d={path} />
    </svg>
  )
}
