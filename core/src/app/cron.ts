import { parseCronItem } from 'graphile-worker'

/** Whether a schedule can be read: five fields, each within its range. */
export function isCron(schedule: string): boolean {
  try {
    parseCronItem({ task: 'x', match: schedule.trim().replace(/\s+/g, ' ') })
    return true
  } catch {
    return false
  }
}
