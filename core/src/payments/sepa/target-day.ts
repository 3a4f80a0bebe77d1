/** True for a day on which banks settle payments in euros (TARGET): no weekend, 1 January, Good Friday, Easter Monday, 1 May, 25 or 26 December. */
export function isTargetDay(day: Temporal.PlainDate): boolean {
  if (day.dayOfWeek > 5) return false
  if (['01-01', '05-01', '12-25', '12-26'].includes(day.toString().slice(5))) return false
  const sinceEaster = easter(day.year).until(day).days
  return sinceEaster !== -2 && sinceEaster !== 1
}

/** The day itself if banks settle on it, else the next one on which they do. */
export function targetDayFrom(day: Temporal.PlainDate): Temporal.PlainDate {
  return isTargetDay(day) ? day : targetDayFrom(day.add({ days: 1 }))
}

/** Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher). */
function easter(year: number): Temporal.PlainDate {
  const century = Math.floor(year / 100)
  const golden = year % 19
  const epact = (19 * golden + century - Math.floor(century / 4) - Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3) + 15) % 30
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor((year % 100) / 4) - epact - (year % 4)) % 7
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451)
  const rest = epact + weekday - 7 * late + 114
  return Temporal.PlainDate.from({ year, month: Math.floor(rest / 31), day: (rest % 31) + 1 })
}
