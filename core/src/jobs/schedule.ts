import { parseCronItem } from 'graphile-worker'

const minute = 60_000
const quarter = 15 * minute

/** How long ago a missed run is still made up for. */
const longest = 35 * 24 * 60 * minute

/**
 * Whether a cron line, read on the wall clock of `zone`, is due after `from` and up to `to`. A time that summer time skips is due
 * when the clock has jumped over it; one that comes twice is due once, unless the line names every hour.
 */
export function isDue(schedule: string, zone: string, from: Date, to: Date): boolean {
  const matches = matcher(schedule)
  const everyHour = /^\S+\s+\*/.test(schedule.trim())
  const begin = Math.max(Math.floor(from.getTime() / minute) + 1, Math.floor((to.getTime() - longest) / minute))
  const offsets = offsetsOf(zone)
  const wallAt = (at: number) => at + offsets(at * minute) / minute
  // the latest wall clock minute that has been: what comes again is behind it
  let latest = everyHour ? wallAt(begin) - 1 : latestWall(begin - 1, wallAt)
  for (let at = begin; at * minute <= to.getTime(); at++) {
    const wall = wallAt(at)
    const first = everyHour ? wall : latest + 1
    for (let passing = first; passing <= wall; passing++) if (matches(passing)) return true
    latest = Math.max(latest, wall)
  }
  return false
}

// the clock is never put back by more than two hours
const latestWall = (at: number, wallAt: (at: number) => number): number =>
  Math.max(...Array.from({ length: 121 }, (_, ago) => wallAt(at - ago)))

function matcher(schedule: string): (wall: number) => boolean {
  const { match } = parseCronItem({ task: 'x', match: schedule.trim().replace(/\s+/g, ' ') })
  return wall => {
    const date = new Date(wall * minute)
    return match({
      min: date.getUTCMinutes(),
      hour: date.getUTCHours(),
      date: date.getUTCDate(),
      month: date.getUTCMonth() + 1,
      dow: date.getUTCDay(),
    })
  }
}

// zones change their offset on quarters of an hour
function offsetsOf(zone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const known = new Map<number, number>()
  return time => {
    const key = Math.floor(time / quarter)
    const offset =
      known.get(key) ?? parseOffset(format.formatToParts(key * quarter).find(part => part.type === 'timeZoneName')?.value ?? 'GMT')
    known.set(key, offset)
    return offset
  }
}

function parseOffset(name: string): number {
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d+):(\d+)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minute
}
