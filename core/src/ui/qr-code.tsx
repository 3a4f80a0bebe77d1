import { qrPath } from './qr-path.ts'

/** A text as a QR code, as shapes with a sentence for those who do not see them. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, size } = qrPath(text)
  // with the white that the class adds, four modules around it, as the standard asks
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`-1 -1 ${size + 2} ${size + 2}`}
      width="240"
      height="240"
      shape-rendering="crispEdges"
    >
      <path fill="#fff" d={`M-1 -1h${size + 2}v${size + 2}h-${size + 2}z`} />
      <path fill="#000" d={path} />
    </svg>
  )
}
