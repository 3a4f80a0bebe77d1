/** The three channels of `#rrggbb`, 0 to 255. */
const channels = (colour: string): readonly number[] => [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16))

/** `part` of one colour and the rest of another, as `#rrggbb`. */
export function mix(colour: string, other: string, part: number): string {
  const others = channels(other)
  const mixed = channels(colour).map((value, index) => Math.round(value * part + (others[index] ?? 0) * (1 - part)))
  return `#${mixed.map(value => value.toString(16).padStart(2, '0')).join('')}`
}

/** How well one colour can be told from another, 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map(value => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
