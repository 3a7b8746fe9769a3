/**
 * Numbers that survive the conversion to a double. `00123`, `1e5` and a 20-digit id are not numbers here: they would
 * come out changed.
 */
const canonicalForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** True if writing the number gives the same text. */
export function isCanonicalNumber(text: string): boolean {
  return text.length < 25 && canonicalForm.test(text) && String(Number(text)) === text
}

/** True if no digit is lost; `1.50` and `1e3` are exact, `9007199254740993` is not. */
export function isExactNumber(text: string): boolean {
  const value = Number(text)
  return Number.isFinite(value) && digits(text) === digits(String(value))
}

/** The first number of a JSON text that would be rounded; undefined where there is none. */
export function inexactNumber(json: string): string | undefined {
  if (!longNumber.test(json)) return undefined
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at)
    const outside = json.slice(at, quote < 0 ? json.length : quote)
    const found = outside.match(number)?.find(token => !isExactNumber(token))
    if (found !== undefined || quote < 0) return found
    at = endOfString(json, quote + 1)
  }
  return undefined
}

/** A cheap first check; it also matches digits inside strings, so a second check decides. */
const longNumber = /\d[\d.]{15,}|\d[eE][+-]?\d{3}/
const number = /-?\d[\d.eE+-]*/g

/** Behind the quotation mark that closes a string; one behind an odd number of backslashes does not. */
function endOfString(json: string, from: number): number {
  for (let quote = json.indexOf('"', from); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let slashes = 0
    while (json[quote - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return quote + 1
  }
  return json.length
}

/** Sign, significant digits and the power of ten behind them: equal for equal decimal numbers. */
function digits(text: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim())
  if (match === null) return text
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const all = (whole + fraction).replace(/^0+/, '')
  const significant = all.replace(/0+$/, '')
  if (significant === '') return '0'
  const power = Number(exponent) - fraction.length + (all.length - significant.length)
  return `${sign === '-' ? '-' : ''}${significant}e${power}`
}
