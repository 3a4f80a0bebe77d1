import { formatDateTime, formatRelative } from './format.ts'

/** A moment, as "4 min ago" under a day, else as a date and time. */
export const Moment = ({ at, relative }: { at: string | Date; relative?: boolean }) => {
  const iso = typeof at === 'string' ? at : at.toISOString()
  return <time datetime={iso}>{relative ? formatRelative(iso) : formatDateTime(iso)}</time>
}
