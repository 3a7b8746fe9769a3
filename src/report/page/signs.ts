import type { Outcome } from '../../model/outcome.ts'
import { html, type Html } from '../markup.ts'

/** Each outcome has a sign beside its colour: a colour alone says nothing to many, and nothing on paper. */
const signs: Record<Outcome, string> = {
  verified: '✓',
  unverifiable: '○',
  mismatched: '≠',
  rejected: '×',
  invalid: '!',
  unknown: '?',
  held: '‖',
  unchanged: '=',
  not_sent: '–',
}

export function sign(outcome: Outcome): Html {
  return html`<b class="sign ${outcome}" aria-hidden="true">${signs[outcome]}</b>`
}
