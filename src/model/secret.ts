/** The replacement for a secret. */
export const mark = '[key]'

/**
 * Shorter secrets are ordinary words, such as the `sandbox` of a sandbox: they occur in values by chance, and are removed
 * only from error messages. Braze's own keys have 36 characters.
 */
const charactersMin = 8

/** How deeply encodings may be nested: JSON in JSON, percent twice, and one more. */
const layersMax = 4

/** Removes secrets from a text. `isData`: the text contains values, which short secrets must not change. */
export type Redact = (text: string, isData?: boolean) => string

/**
 * Removes secrets from responses: as they are, in any case of letters, and encoded as JSON, percent, HTML, base64 or
 * hexadecimal text. In JSON, each string and each key is checked by itself; one that contains an encoded secret is
 * replaced as a whole. A text without a secret stays as it is, byte for byte.
 */
export function redactor(secrets: readonly string[]): Redact {
  const long = secrets.filter(({ length }) => length >= charactersMin)
  const short = secrets.filter(({ length }) => length > 0 && length < charactersMin)
  const plain = anyOf(long.map(literal), 'gi')
  const finder = anyOf(long.flatMap(readings).flatMap(formsOf), 'i')
  const words = anyOf(
    short.map(secret => `(?<![\\w-])${literal(secret)}(?![\\w-])`),
    'g',
  )

  function holdsBelow(text: string, escape: RegExp): boolean {
    let layer = text
    for (let depth = 0; depth < layersMax; depth++) {
      const inner = decoded(layer, escape)
      if (inner === layer) return false
      if (finder?.test(inner) === true) return true
      layer = inner
    }
    return false
  }

  function holds(text: string): boolean {
    if (finder === undefined || finder.test(text)) return finder !== undefined
    if (!text.includes('\\') && !text.includes('%') && !text.includes('&')) return false
    const kinds = escapeKinds.filter(({ begins }) => begins.test(text))
    if (kinds.length === 0) return false
    // A character of the key may look like an escape of another kind, so with several kinds each is also decoded alone.
    const ways = kinds.length === 1 ? [anyEscape] : [anyEscape, ...kinds.map(({ escape }) => escape)]
    return ways.some(escape => holdsBelow(text, escape))
  }

  function redactPart(part: string): string {
    if (!holds(part)) return part
    const rest = plain === undefined ? part : part.replace(plain, mark)
    if (!holds(rest)) return rest
    return part.startsWith('"') ? `"${mark}"` : mark
  }

  function redactLong(text: string): string {
    if (!holds(text)) return text
    const byString = /^\s*[[{"]/.test(text) ? mapStrings(text, redactPart) : text
    if (!holds(byString)) return byString
    const byWord = byString.replace(/[^\s"'<>]+/g, redactPart)
    return holds(byWord) ? mark : byWord
  }

  return (text, isData = false) => {
    const rest = finder === undefined ? text : redactLong(text)
    return words === undefined || isData ? rest : rest.replace(words, mark)
  }
}

/** A secret as it is, and as it reads if its own characters are decoded as escapes. */
function readings(secret: string): string[] {
  const inner = decoded(secret)
  return inner === secret || inner.length < charactersMin ? [secret] : [secret, ...readings(inner)]
}

/** Expressions for a secret as it is, and in base64 and hexadecimal digits, in one piece or in groups. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret).toString('hex').match(/../g) ?? []
  return [
    literal(secret),
    bytes.join('(?:[\\s:,_-]|0x|\\\\x){0,4}'),
    ...[0, 1, 2].map(at => base64(secret, at)),
  ]
}

/** The fixed part of the base64 of a text with a secret after `at` bytes of a group of three. */
function base64(secret: string, at: number): string {
  const whole = Buffer.from(`${' '.repeat(at)}${secret}`).toString('base64')
  const ownBits = (at + Buffer.byteLength(secret)) * 8
  // The first and the last character may contain bits of the neighbouring text.
  const own = whole.slice(Math.ceil((at * 8) / 6), Math.floor(ownBits / 6))
  return Array.from(own, sign => ({ '+': '[+-]', '/': '[/_]' })[sign] ?? sign).join('\\s{0,4}')
}

function anyOf(expressions: string[], flags: string): RegExp | undefined {
  return expressions.length === 0 ? undefined : new RegExp([...new Set(expressions)].join('|'), flags)
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}

/** How JSON, URLs and HTML escape characters: in hexadecimal digits, in decimal ones, or by name. */
const escapeKinds = [
  { begins: /\\/, escape: /\\(?:u00([\da-f]{2})|u\{0*([\da-f]{2})\}|x([\da-f]{2})|([^]))/gi },
  { begins: /%[\da-f]/i, escape: /%(?:u00)?([\da-f]{2})/gi },
  { begins: /&[#a-z]/i, escape: /&(?:#x0*([\da-f]{1,2})|#(\d{1,5})|([a-z]{2,6}));/gi },
]

const anyEscape = new RegExp(escapeKinds.map(({ escape }) => escape.source).join('|'), 'gi')

/** Decodes one layer of escapes; the same text if there are none. */
function decoded(text: string, escape = anyEscape): string {
  return text.replace(escape, whole => {
    if (whole.startsWith('&') && !whole.startsWith('&#x') && !whole.startsWith('&#X')) {
      const name = whole.slice(1, -1).toLowerCase()
      return name.startsWith('#') ? String.fromCharCode(Number(name.slice(1))) : (entities[name] ?? whole)
    }
    if (whole.startsWith('\\') && whole.length === 2)
      return blanks.includes(whole.slice(1)) ? ' ' : whole.slice(1)
    const digits = /[\da-f]{1,2}(?=[;}]?$)/i.exec(whole)?.[0] ?? ''
    return String.fromCharCode(Number.parseInt(digits, 16))
  })
}

/** The JSON escapes for white space. */
const blanks = 'bfnrt'

/** The characters of a key that have a name in HTML. */
const entities: Record<string, string> = {
  amp: '&',
  ast: '*',
  bsol: '\\',
  colon: ':',
  comma: ',',
  commat: '@',
  dash: '-',
  dollar: '$',
  equals: '=',
  excl: '!',
  grave: '`',
  gt: '>',
  hat: '^',
  hyphen: '-',
  lbrace: '{',
  lbrack: '[',
  lcub: '{',
  lowbar: '_',
  lpar: '(',
  lsqb: '[',
  lt: '<',
  num: '#',
  percnt: '%',
  period: '.',
  plus: '+',
  quest: '?',
  rbrace: '}',
  rbrack: ']',
  rcub: '}',
  rpar: ')',
  rsqb: ']',
  semi: ';',
  sol: '/',
  tilde: '~',
  verbar: '|',
  vert: '|',
}

/** Maps each string of a JSON text, keys included; everything else stays as it is. */
function mapStrings(text: string, map: (string: string) => string): string {
  const parts: string[] = []
  let from = 0
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', from)) {
    let close = open + 1
    while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1
    parts.push(text.slice(from, open), map(text.slice(open, close + 1)))
    from = close + 1
  }
  return parts.join('') + text.slice(from)
}
