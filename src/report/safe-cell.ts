import type { Json } from '../model/json.ts'

/**
 * The characters that start a formula in a spreadsheet, and the tab and carriage return that it drops before one.
 * Source: OWASP, CSV Injection.
 */
const signs = '=+\\-@\\t\\r＝＋－＠'

/**
 * A cell starts at the beginning of a text. A spreadsheet that splits at semicolons, as many do in Europe, or that ignores
 * quotation marks also starts one after a semicolon or a line end. Existing apostrophes are part of the match, so that
 * removing one restores the text.
 */
const formulas = new RegExp(`(?<=(?:^|[;\\r\\n])"*)(?='*[${signs}])`, 'g')
/** Most texts have none of these and need no further check. */
const suspect = new RegExp(`[${signs}]`)
const formulasInJson = new RegExp(`;(?=[\\\\"]*[${signs}])`, 'g')

/** Text for a cell: an apostrophe before anything that a spreadsheet would evaluate keeps it text. */
export function textCell(text: string): string {
  if (!suspect.test(text)) return text
  return text.replaceAll(formulas, "'")
}

/**
 * A value as JSON. A number begins with a digit or a minus and stays a number; text begins with a quotation mark, as no
 * formula does. A semicolon before a formula is written as a JSON escape.
 */
export function jsonCell(value: Json): string {
  return disarmed(JSON.stringify(value))
}

/** The same for text that is JSON already. */
export function disarmed(json: string): string {
  return json.includes(';') ? json.replaceAll(formulasInJson, '\\u003b') : json
}
