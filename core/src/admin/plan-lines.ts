import type { Difference, Json } from '../app/backend.ts'
import { visible } from '../db/storable.ts'
import { type DiffLine, diffLines } from '../ui/index.ts'

/** So many equal lines stay around a difference inside a text. */
const around = 3

/** What goes and what comes under one name. Items of a list share the name of their list. */
interface Group {
  readonly name: string
  readonly gone: string[]
  readonly come: string[]
}

/**
 * Differences as lines to read: what goes, then what comes, name by name; a text line by line. What only has another place in its list,
 * or is the same at another address, does not differ.
 */
export function planLines(differences: readonly Difference[], moves = false): DiffLine[] {
  const groups = new Map<string, Group>()
  for (const { path, from, to } of differences) {
    for (const [value, side] of [
      [from, 'gone'],
      [to, 'come'],
    ] as const)
      for (const [name, text] of leavesOf(path, value)) {
        const group = groups.get(name) ?? { name, gone: [], come: [] }
        groups.set(name, group)
        group[side].push(text)
      }
  }
  const lines = [...groups.values()].flatMap(group => linesOf(group))
  // only the order differs, and that counts for this backend
  const all = lines.length > 0 || moves ? lines : [...groups.values()].flatMap(group => allOf(group))
  return all.map(({ kind, text }) => ({ kind, text: visible(text) }))
}

/** The single values inside a value, by name. */
function leavesOf(path: string, value: Json | undefined): (readonly [name: string, text: string])[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.length > 0) return value.flatMap(item => leavesOf(path, item))
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([name, inner]) => leavesOf(path === '' ? name : `${path}.${name}`, inner as Json))
  return [[path.replace(/(^|\.)\d+$/, ''), typeof value === 'string' ? value : JSON.stringify(value)]]
}

function linesOf({ name, gone, come }: Group): DiffLine[] {
  const [from = '', to = ''] = [gone[0], come[0]]
  if (gone.length <= 1 && come.length <= 1 && (from.includes('\n') || to.includes('\n'))) return textLines(name, from, to)
  const [less, more] = [without(gone, come), without(come, gone)]
  return allOf({ name, gone: less, come: more })
}

const allOf = ({ name, gone, come }: Group): DiffLine[] => [
  ...gone.map((text): DiffLine => ({ kind: 'removed', text: name === '' ? text : `${name}: ${text}` })),
  ...come.map((text): DiffLine => ({ kind: 'added', text: name === '' ? text : `${name}: ${text}` })),
]

/** A secret that differs looks the same as before: both are kept. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const left = others.filter(text => text !== '•••')
  return texts.filter(text => {
    const at = left.indexOf(text)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function textLines(name: string, from: string, to: string): DiffLine[] {
  const lines = diffLines(from.replace(/\n$/, ''), to.replace(/\n$/, ''))
  const near = lines.map((_, n) => lines.slice(Math.max(0, n - around), n + around + 1).some(({ kind }) => kind !== 'same'))
  const shown = lines.flatMap((line, n): DiffLine[] => (near[n] ? [line] : near[n - 1] || n === 0 ? [{ kind: 'same', text: '…' }] : []))
  const differs = lines.some(({ kind }) => kind !== 'same')
  return !differs ? [] : name === '' ? shown : [{ kind: 'same', text: `${name}:` }, ...shown]
}
