import { isBefore } from './days.ts'

/** How time is divided into periods, which are numbered from the one that holds the first day of a stretch: 0. */
export interface Grid {
  readonly startOf: (period: number) => Temporal.PlainDate
  /** The period that holds a day. */
  readonly holding: (day: Temporal.PlainDate) => number
}
export type MakeGrid = (first: Temporal.PlainDate, months: number) => Grid

/** Periods begin on a 1st, counted from the month of the first day. */
export const alignedOnTheMonth: MakeGrid = (first, months) => {
  const origin = monthOf(first)
  return {
    startOf: period => firstOf(origin + period * months),
    holding: day => Math.floor((monthOf(day) - origin) / months),
  }
}

/** Periods begin on the day of the month of the first day, or on the last of a month that has none: 31 January, 28 February, 31 March. */
export const fromTheFirstDay: MakeGrid = (first, months) => {
  const origin = monthOf(first)
  const startOf = (period: number) => {
    const month = firstOf(origin + period * months)
    return new Temporal.PlainDate(month.year, month.month, Math.min(first.day, month.daysInMonth))
  }
  return {
    startOf,
    holding(day) {
      const period = Math.floor((monthOf(day) - origin) / months)
      return isBefore(day, startOf(period)) ? period - 1 : period
    },
  }
}

const monthOf = (day: Temporal.PlainDate): number => day.year * 12 + day.month - 1
const firstOf = (month: number) => new Temporal.PlainDate(Math.floor(month / 12), (month % 12) + 1, 1)
