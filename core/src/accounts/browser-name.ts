import { t } from '../app/i18n.ts'

const browsers = [
  ['Firefox', /firefox\//i],
  ['Edge', /edg[ea]?\//i],
  ['Opera', /opr\//i],
  ['Chrome', /chrom(e|ium)\//i],
  ['Safari', /safari\//i],
] as const
const systems = [
  ['Android', /android/i],
  ['iOS', /iphone|ipad/i],
  ['Windows', /windows/i],
  ['macOS', /mac os/i],
  ['Linux', /linux/i],
] as const

/** A browser as people know it: `Firefox, Linux`. */
export function browserName(userAgent: string): string {
  const named = [browsers, systems].flatMap(list => list.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? [])
  return named.join(', ') || t('Unknown program')
}
