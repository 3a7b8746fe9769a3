import type { Outcome } from '../model/outcome.ts'

/** Markup that is safe to write: everything that was put into it has been escaped. */
export interface Html {
  text: string
}

type Part = string | number | Html

/** A template whose values are escaped, unless they are markup themselves. Values are hostile input. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { text: strings.reduce((text, next, i) => `${text}${render(parts[i - 1])}${next}`) }
}

export function join(parts: readonly Html[], between = ''): Html {
  return { text: parts.map(part => part.text).join(between) }
}

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function render(part: Part | undefined): string {
  if (part === undefined) return ''
  return typeof part === 'object' ? part.text : escape(String(part))
}

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
