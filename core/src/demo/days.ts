/** Days of the demonstration, ISO, by their distance from the day on which it is loaded. */
export interface Days {
  /** That many days after today; below zero, before. */
  day(days: number): string
  /** The first of last month, whose bills are the newest; or of an earlier one. */
  month(back: number): string
}

/** How many months were billed before that one. */
export const monthsBilled = 2

export function daysFrom(today: Temporal.PlainDate): Days {
  const newest = today.with({ day: 1 }).subtract({ months: 1 })
  return {
    day: days => today.add({ days }).toString(),
    month: back => newest.subtract({ months: back }).toString(),
  }
}
