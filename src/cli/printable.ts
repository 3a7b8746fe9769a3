/**
 * Names and values are of others, and a terminal does what control characters say; the marks that turn the direction of
 * text let it pretend to be another. Line ends and tabs pass.
 */
const acting = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]`
const actingAnywhere = new RegExp(acting, 'gu')
/** The colours and weights that we use ourselves; others that look like them do no more. */
const actingButColours = new RegExp(String.raw`(?!\u001b\[(?:1|2|22|3[1-3]|39)m)${acting}`, 'gu')

/** A text that a terminal shows and does not obey. */
export function printable(text: string, hasColours = false): string {
  return text.replaceAll(hasColours ? actingButColours : actingAnywhere, '·')
}

/** The same of JSON, which has a way to write such characters in its strings. */
export function printableJson(json: string): string {
  return json.replaceAll(actingAnywhere, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
