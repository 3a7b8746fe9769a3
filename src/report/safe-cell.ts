import type { Json } from '../model/json.ts'

/**
 * What a spreadsheet takes for the beginning of a formula, and the tab and carriage return that it drops before one.
 * Source: OWASP, CSV Injection.
 */
const signs = '=+\\-@\\t\\r＝＋－＠'

/**
 * A cell begins at the beginning of a text; for a spreadsheet that parts cells by semicolons, as many do in Europe, or that
 * was told of no quotation marks, also behind a semicolon or a line end within it. Apostrophes that stand there already
 * are counted in, so that whoever takes one away has the text as it was.
 */
const formulas = new RegExp(`(?<=(?:^|[;\\r\\n])"*)(?='*[${signs}])`, 'g')
/** Most texts have none of these, and are not looked at any further. */
const suspect = new RegExp(`[${signs}]`)
const formulasInJson = new RegExp(`;(?=[\\\\"]*[${signs}])`, 'g')

/** Text of others in a cell: what a spreadsheet would reckon out has an apostrophe before it, and is text. */
export function textCell(text: string): string {
  if (!suspect.test(text)) return text
  return text.replaceAll(formulas, "'")
}

/**
 * A value as JSON. A number begins with a digit or a minus, and stays a number; text begins with its quotation mark, and
 * no formula does. Where a semicolon would part a formula from what is before it, it is written as JSON may write it.
 */
export function jsonCell(value: Json): string {
  return disarmed(JSON.stringify(value))
}

/** The same of what is JSON already. */
export function disarmed(json: string): string {
  return json.includes(';') ? json.replaceAll(formulasInJson, '\\u003b') : json
}
