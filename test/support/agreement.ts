import type { Outcome } from '../../src/model/outcome.ts'
import { type ReasonCode, reasons, type Verdict, verdicts } from '../../src/model/verdict.ts'

interface Rule {
  may: readonly Verdict[]
  must: readonly Verdict[]
}

/** What an outcome says of the values of its row: the verdicts they may have, and one of which one has to be there. */
const says: Partial<Record<Outcome, Rule>> = {
  verified: { may: ['match', 'equivalent', 'unverifiable'], must: ['match', 'equivalent'] },
  unverifiable: { may: ['unverifiable'], must: [] },
  mismatched: {
    may: ['match', 'equivalent', 'unverifiable', 'changed', 'not_applied', 'unknown'],
    must: ['changed', 'not_applied', 'unknown'],
  },
  rejected: { may: ['not_applied'], must: ['not_applied'] },
  unknown: { may: ['unknown'], must: ['unknown'] },
}

/** A row that a look left open may have other values that it showed. */
const leftOpen: Rule = { may: verdicts, must: ['unknown'] }

const inDoubt: ReadonlySet<ReasonCode> = new Set(['reply_malformed', 'answer_lost', 'lookup_failed'])

/** What contradicts the outcome, if anything does. */
export function contradiction(outcome: Outcome, codes: readonly ReasonCode[]): string | undefined {
  const isLeftOpen = codes.includes('not_settled')
  const rule = isLeftOpen && outcome === 'unknown' ? leftOpen : says[outcome]
  if (rule === undefined) return `${outcome} is no outcome of a row whose values were judged`
  const given = codes.map(code => reasons[code].verdict)
  const wrong = given.find(verdict => !rule.may.includes(verdict))
  if (wrong !== undefined) return `a row that is ${outcome} has a value that is ${wrong}`
  const lacks = rule.must.length > 0 && codes.length > 0 && !given.some(one => rule.must.includes(one))
  if (lacks) return `a row that is ${outcome} has no value that is ${rule.must.join(' or ')}`
  // Whether the request was applied at all is open, or it is not: never both in one row.
  const isOpen = isLeftOpen || codes.some(code => inDoubt.has(code))
  return isOpen && outcome !== 'unknown' ? `a row that is ${outcome} has a value in doubt` : undefined
}
