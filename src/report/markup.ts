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
