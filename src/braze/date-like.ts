import { readMoment } from './moments.ts'

/**
 * Whether people would read this text as a date. Leaves out forms that the API may or may not recognise, such as
 * `2024-02`, week dates and `Thu 02 29 …`.
 */
export function looksLikeDate(text: string): boolean {
  return text.length >= 8 && text.length <= 40 && dateLike.test(text)
}

/** Whether text starts with a valid date and time. What follows does not matter: a malformed offset counts as UTC. */
export function startsWithMoment(text: string): boolean {
  return readMoment(text.slice(0, '2024-02-29T10:00'.length)) !== undefined
}

const month = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?'
const rest = '(?:[T ,].*)?'
const dateLike = new RegExp(
  `^(?:${[
    // 2024-02-30, 2024/2/9, 27/09/2017, 27.09.2017, 9-27-2017
    `\\d{4}([-/.])\\d{1,2}\\1\\d{1,2}${rest}`,
    `\\d{1,2}([-/.])\\d{1,2}\\2\\d{4}${rest}`,
    // Mar 26 2026 06:12 PM +00:00, 26 March 2026, 26-Mar-2026
    `${month} \\d{1,2},? \\d{4}${rest}`,
    `\\d{1,2}[ -]${month}[ -]\\d{4}${rest}`,
  ].join('|')})$`,
  'i',
)
