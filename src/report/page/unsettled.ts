import { statusOf } from '../../braze/statuses.ts'
import type { Account } from '../../model/account.ts'
import { networkCauses } from '../../model/network.ts'
import { type Outcome, outcomes } from '../../model/outcome.ts'
import { problemCodes } from '../../model/problem.ts'
import type { Encoding } from '../../model/row.ts'
import { from1252 } from '../../model/windows-1252.ts'
import { messageOf } from '../csv-files.ts'
import { html, type Html, join, sign } from '../markup.ts'
import { count, number } from '../summary-text.ts'
import type { List } from './list.ts'
import { prose, rowText, short } from './visible.ts'

/** The outcomes whose rows are listed, the most urgent first. */
export const listed = ['unknown', 'rejected', 'invalid', 'held', 'not_sent'] as const satisfies Outcome[]
export type Listed = (typeof listed)[number]

export function isListed(outcome: Outcome): outcome is Listed {
  return listed.some(one => one === outcome)
}

const titles: Record<Listed, string> = {
  unknown: 'Unknown',
  rejected: 'Rejected',
  invalid: 'Invalid',
  held: 'Held',
  not_sent: 'Not sent',
}

/** The rows of one outcome: what it means, what to do, what caused it, and each row with its own record. */
export function unsettledSection(
  outcome: Listed,
  total: number,
  { list, causes }: { list: List; causes: Causes },
  { means, advice }: { means: string; advice: Html },
  isDamaged = false,
): Html {
  if (total === 0) return html``
  const until = isDamaged ? 'where the journal is damaged' : 'when the run ended'
  const unlisted =
    total > list.all
      ? html`<p>${count(total - list.all, 'row')} had not been reached ${until}, so no list contains them.</p>`
      : ''
  const table =
    list.all === 0 ? '' : list.table(outcome, ['Row and user', 'What happened', 'Record'], 'rows.csv')
  return html`<section id="${outcome}" tabindex="-1">
<h2>${sign(outcome)} ${titles[outcome]} <span>${count(total, 'row')}</span></h2>
<p>${sentence(means)} ${advice}</p>
${causeList(causes)}${unlisted}
${table}
</section>`
}

/** Why an object was not applied, in words that are the same for all with that cause. */
export function causeOf({ outcome, reason, message, httpStatus }: Account): string {
  if (outcome === 'held') return outcomes.held.means
  if (isProblemCode(reason)) return problemCodes[reason].means
  const status = httpStatus === null ? '' : `${httpStatus}: `
  return short(`${status}${lostText(message)}`)
}

export function unsettledRow(account: Account, files: readonly string[], encoding: Encoding): Html {
  const { outcome, attempts, httpStatus } = account
  const message = messageOf(account)
  const status = httpStatus === null || outcome === 'not_sent' ? '' : html`${httpStatus} `
  // For an unreadable 2XX the message counts; the meaning of its status would be wrong.
  const isOpen = outcome === 'unknown' && httpStatus !== null && statusOf(httpStatus).applied === 'maybe'
  const means = isOpen ? ` ${statusOf(httpStatus).means}` : ''
  const attemptsText = attempts > 1 ? ` (${count(attempts, 'attempt')})` : ''
  const record = account.raw === null ? '' : recordText(account.raw, encoding)
  return html`<tr><th scope="row">${rowText(account, files)}</th><td>${status}<bdi>${prose(lostText(message))}</bdi>${means}${attemptsText}</td><td><code>${short(record)}</code></td></tr>`
}

/** How a response was lost, in words and with the network's code. */
function lostText(message: string): string {
  if (!Object.hasOwn(networkCauses, message)) return message
  return `${networkCauses[message as keyof typeof networkCauses].means.slice(0, -1)} (${message}).`
}

function causeList({ sorted, others }: Causes): Html {
  if (sorted.length < 2) return html``
  const items = sorted
    .slice(0, 8)
    .map(([cause, times]) => html`<li><b>${number(times)}</b> <bdi>${cause}</bdi></li>`)
  const rest = others + sorted.slice(8).reduce((sum, [, times]) => sum + times, 0)
  return html`<ul class="causes">${join(items)}${rest > 0 ? html`<li><b>${number(rest)}</b> for other reasons</li>` : ''}</ul>`
}

function isProblemCode(text: string): text is keyof typeof problemCodes {
  return Object.hasOwn(problemCodes, text)
}

/** `failed validation; never sent` as a sentence. */
function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

/** How many bytes of a record are read to show its beginning; an even number, for UTF-16. */
const bytesMax = 600

/** The beginning of an original record as text. It is only shown, so invalid bytes may become any character. */
export function recordText(raw: Uint8Array, encoding: Encoding): string {
  const bytes = Buffer.from(raw.subarray(0, bytesMax))
  switch (encoding) {
    case 'utf-8':
      return bytes.toString()
    case 'utf-16le':
      return bytes.toString('utf16le')
    case 'utf-16be':
      return bytes
        .subarray(0, bytes.length - (bytes.length % 2))
        .swap16()
        .toString('utf16le')
    case 'latin1':
      return bytes.toString('latin1')
    case 'windows-1252':
      return from1252(bytes.toString('latin1'))
  }
}

/** How many causes are counted separately. */
const causesMax = 40

/** How often each cause occurs. */
export class Causes {
  readonly #times = new Map<string, number>()
  others = 0

  add(cause: string): void {
    const times = this.#times.get(cause)
    if (times === undefined && this.#times.size >= causesMax) this.others++
    else this.#times.set(cause, (times ?? 0) + 1)
  }

  /** The most frequent first; with equal counts, the one that occurred first. */
  get sorted(): [string, number][] {
    return [...this.#times].toSorted(([, a], [, b]) => b - a)
  }
}
