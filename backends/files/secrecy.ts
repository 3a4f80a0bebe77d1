import { CoinError, isCoinError } from 'coin'

/** An error of a command without what it may have repeated of secret files: each of their lines, and each longer word of them. */
export function withoutLines(
  { secret }: { readonly secret: boolean },
  error: unknown,
  changes: readonly { readonly bytes: Buffer | undefined }[],
): Error {
  const known = error instanceof Error ? error : new Error(String(error))
  if (!secret || !isCoinError(known)) return known
  const { words, again } = known.values
  if (words === undefined && again === undefined) return known
  const secrets = [...new Set(changes.flatMap(({ bytes }) => pieces(bytes?.toString('utf8') ?? '')))].sort(
    (one, other) => other.length - one.length,
  )
  const hide = (text: string) => secrets.reduce((left, piece) => (left.includes(piece) ? left.replaceAll(piece, '•••') : left), text)
  return new CoinError(known.code, known.message, {
    values: {
      ...known.values,
      ...(words !== undefined && { words: hide(String(words)) }),
      ...(again !== undefined && { again: hide(String(again)) }),
    },
    ...(known.hint !== undefined && { hint: known.hint }),
  })
}

const pieces = (text: string): string[] =>
  text.split('\n').flatMap(line => [line.trim(), ...line.split(/[\s"'=:;,{}()[\]]+/)].filter(piece => piece.length >= 6))
