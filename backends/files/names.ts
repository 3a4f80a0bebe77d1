import { CoinError } from 'coin'

/** What a file may be called: nothing hidden, no option, no path. Names come from what members typed. */
export const isFileName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.@+=:,-]*$/.test(name) && name.length <= 255

/** What may name a block: one line, no blank at its ends. */
export const isBlockName = (name: string): boolean => /^[^\s\p{C}]([^\p{C}\p{Zl}\p{Zp}]*[^\s\p{C}])?$/u.test(name) && name.length <= 255

/** The name of a file whose path is `key`, or undefined when that is not a path directly in the folder. */
export function nameIn(folder: string, key: string): string | undefined {
  const name = key.startsWith(`${folder}/`) ? key.slice(folder.length + 1) : ''
  return isFileName(name) ? name : undefined
}

/** Numbers by number and first, the rest by character. */
export function byKey(one: string, other: string): number {
  const [first, second] = [isNumber(one), isNumber(other)]
  if (first && second) return Number(one) - Number(other) || compareText(one, other)
  return first === second ? compareText(one, other) : first ? -1 : 1
}

const isNumber = (text: string) => /^\d{1,15}$/.test(text)
const compareText = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

export const badPath = (key: string, folder: string): CoinError =>
  new CoinError('refused', '{{key}} is not a path of a file in {{folder}}.', {
    values: { key: key.slice(0, 300), folder },
    hint: 'A name takes letters without accents, figures and _ . @ + = : , - and does not begin with a dot or a dash. Subfolders need a backend of their own.',
  })

export const notOurs = (key: string): CoinError =>
  new CoinError('refused', '{{key}} is not among the names that the backend calls its own.', {
    values: { key },
    hint: 'Let `ours` match what `fileName` gives.',
  })

export const badBlockName = (key: string): CoinError =>
  new CoinError('refused', '{{key}} cannot name a block.', {
    values: { key: key.slice(0, 300) },
    hint: 'It takes one line, without blanks at its ends.',
  })
