/**
 * A time in one of the forms that the API recognises, independent of the local time zone. Without an offset it is in
 * UTC, and a date is midnight UTC. Source: braze-docs user_attributes_object, event_object.
 */
export interface Moment {
  /** Milliseconds since 1970 UTC. */
  ms: number
  hasOffset: boolean
}

const isoLike =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i
/** `ddd MM dd HH:mm:ss.TZD YYYY`, as in `Tue 12 06 19:20:45.+01:00 2022`. */
const weekdayFirst =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2})\.(Z|UTC|GMT|[+-]\d{2}:?\d{2}) (\d{4})$/i
const american = /^(\d{2})\/(\d{2})\/(\d{4})$/

export function readMoment(text: string): Moment | undefined {
  const iso = isoLike.exec(text)
  if (iso !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', offset] = iso
    const ms = toUtcMs(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
    const shift = offsetMs(offset)
    if (ms === undefined || shift === undefined) return undefined
    return { ms: ms + Math.trunc(Number(`0.${fraction}`) * 1000) - shift, hasOffset: offset !== undefined }
  }
  const weekday = weekdayFirst.exec(text)
  if (weekday !== null) {
    const [, month, day, hour, minute, second, zone = '', year] = weekday
    const ms = toUtcMs(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
    const shift = offsetMs(/^(?:UTC|GMT)$/i.test(zone) ? 'Z' : zone)
    return ms === undefined || shift === undefined ? undefined : { ms: ms - shift, hasOffset: true }
  }
  const date = american.exec(text)
  if (date === null) return undefined
  const ms = toUtcMs(Number(date[3]), Number(date[1]), Number(date[2]), 0, 0, 0)
  return ms === undefined ? undefined : { ms, hasOffset: false }
}

/** The form in which the API returns times: UTC with milliseconds and `Z`. */
export function formatMoment(ms: number): string {
  return new Date(ms).toISOString()
}

function toUtcMs(year: number, month: number, day: number, hour: number, minute: number, second: number) {
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
  if (!isReal || hour > 23 || minute > 59 || second > 59) return undefined
  // Date.UTC maps years below 100 to the twentieth century; the calendar repeats every 400 years.
  return Date.UTC(year + 400, month - 1, day, hour, minute, second) - fourCenturiesMs
}

const fourCenturiesMs = 146_097 * 86_400_000
const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysInMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : (days[month - 1] ?? 0)
}

function offsetMs(offset: string | undefined): number | undefined {
  if (offset === undefined || offset.toUpperCase() === 'Z') return 0
  const digits = offset.slice(1).replace(':', '')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2) || '0')
  if (hours > 14 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
