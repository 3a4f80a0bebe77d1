/** One line of a comparison. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** What would change, line by line. Scrolls inside itself, hence the tab stop. */
export const Diff = ({ label, lines }: { label: string; lines: readonly DiffLine[] }) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; a pre alone may not bear a name
  <pre class="diff" tabindex={0} role="group" aria-label={label}>
    <code>
      {lines.map(line =>
        line.kind === 'added' ? (
          <ins>{`+ ${line.text}`}</ins>
        ) : line.kind === 'removed' ? (
          <del>{`- ${line.text}`}</del>
        ) : (
          `  ${line.text}\n`
        ),
      )}
    </code>
  </pre>
)

/** Pairs of lines that are still compared one by one: beyond, a text is taken away and another one added. */
const mostPairs = 4_000_000

/** Old text against new, line by line; equal lines are kept once. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before === '' ? [] : before.split('\n'), after === '' ? [] : after.split('\n')]
  if (a.length * b.length > mostPairs)
    return [...a.map((text): DiffLine => ({ kind: 'removed', text })), ...b.map((text): DiffLine => ({ kind: 'added', text }))]
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? []
    for (let j = b.length - 1; j >= 0; j--) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  }
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i++] ?? '' })
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) lines.push({ kind: 'removed', text: a[i++] ?? '' })
    else lines.push({ kind: 'added', text: b[j++] ?? '' })
  }
  return lines
}
