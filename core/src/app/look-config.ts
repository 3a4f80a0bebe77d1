import { existsSync, statSync } from 'node:fs'
import * as z from 'zod'
import { contrast, mix } from './colour.ts'

/** Of text and what it stands on (WCAG 2.2, 1.4.3). */
const readable = 4.5
const largestLogo = 200_000
const white = '#ffffff'
/** What accents are read on: a card, by day and by night. */
const paper = { light: '#ffffff', dark: '#1b1d22' } as const

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'is not a colour such as #4549b8')

/** What a deployment looks like: its colour and its logo. */
export const lookSchema = z
  .strictObject({
    /** Of links, buttons and what is chosen; dark enough to be read on white. */
    accent: colour.refine(value => contrast(value, paper.light) >= readable, 'cannot be read on white: take a darker one').optional(),
    /** The same on the dark theme; a lighter `accent` unless given. */
    accentDark: colour
      .refine(value => contrast(value, paper.dark) >= readable, 'cannot be read on the dark theme: take a lighter one')
      .optional(),
    /** An SVG or PNG file, 200 kB at most: shown 28 pixels high, and in the browser's tab. */
    logo: z
      .string()
      .regex(/\.(svg|png)$/i, 'is not the name of an .svg or .png file')
      .refine(path => existsSync(path) && statSync(path).size <= largestLogo, 'is not a file of at most 200 kB')
      .optional(),
  })
  .refine(look => look.accent !== undefined || look.accentDark === undefined, {
    path: ['accentDark'],
    error: 'needs an accent beside it',
  })
export type Look = z.output<typeof lookSchema>

/** The style sheet that a look is, after the core's own; undefined when there is nothing to change. */
export function lookStyles({ accent, accentDark }: Look): string | undefined {
  if (!accent) return undefined
  const dark = accentDark ?? lighter(accent)
  return `:root {
  --accent: light-dark(${accent}, ${dark});
  --accent-fill: light-dark(${accent}, ${darker(dark)});
  --accent-soft: light-dark(${mix(accent, paper.light, 0.1)}, ${mix(dark, paper.dark, 0.2)});
}
`
}

/** Nearer and nearer to white, until it can be read on the dark theme, also on its own pale tint. */
function lighter(accent: string): string {
  for (let part = 1; part > 0; part -= 0.05) {
    const candidate = mix(accent, white, part)
    if (contrast(candidate, mix(candidate, paper.dark, 0.2)) >= readable) return candidate
  }
  return white
}

/** Dark enough for white words on it. */
function darker(accent: string): string {
  for (let part = 1; part > 0; part -= 0.05) {
    const candidate = mix(accent, '#000000', part)
    if (contrast(candidate, white) >= readable) return candidate
  }
  return '#000000'
}
