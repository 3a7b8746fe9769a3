import { basename } from 'node:path'
import { addressOf } from '../../braze/identifiers.ts'
import type { Account } from '../../model/account.ts'
import { isJsonObject, type Json, textOf } from '../../model/json.ts'
import { rowLabel } from '../../model/track-object.ts'
import { html, type Html, join } from '../markup.ts'

/**
 * Invisible characters, and those that change the direction of text: control and format characters, unusual spaces, half
 * surrogate pairs. They are written as JSON escapes, so that two values that look alike can be distinguished. The joiner
 * inside an emoji stays.
 */
const invisible =
  /(?!(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d\p{Extended_Pictographic})(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]|[^\S ])/gu

/** A text in which every character is visible. */
export function visible(text: string): string {
  return text.replaceAll(invisible, escaped)
}

/** The same, truncated to `max` characters. */
export function short(text: string, max = 120): string {
  const seen = visible(text.length > max ? text.slice(0, wholeAt(text, max)) : text)
  if (seen.length > max) return `${seen.slice(0, wholeAt(seen, max))}…`
  return text.length > max ? `${seen}…` : seen
}

/** The nearest place at or before this one that does not split a character or a JSON escape. */
export function wholeAt(text: string, at: number): number {
  const place = isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at)) ? at - 1 : at
  const started = /\\(?:u(?:[0-9a-f]{0,3}|\{[0-9a-f]{0,6}))?$/.exec(text.slice(Math.max(0, place - 9), place))
  return started === null || isEscapedBefore(text, place - started[0].length)
    ? place
    : place - started[0].length
}

/** The place of a row and its user; with its file if there are several, by name if that is unique. */
export function rowText({ file, row, part, line, user }: Account, files: readonly string[]): Html {
  const place = html`row ${rowLabel({ row, part })}, line ${line}<br>${userText(user)}`
  if (files.length < 2) return place
  const name = basename(file)
  const isAmbiguous = files.filter(other => basename(other) === name).length > 1
  return html`${place}<br><small><bdi>${short(isAmbiguous ? file : name, 60)}</bdi></small>`
}

/** A sentence of ours or the API's; text between backticks is code. */
export function prose(text: string, max = 240): Html {
  const parts = short(text, max).split('`')
  const isPaired = parts.length % 2 === 1
  return join(parts.map((part, i) => (isPaired && i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`)))
}

/** The user: the identifier without the JSON around it. */
export function userText(user: string): Html {
  if (user === '') return html`<i>no user</i>`
  const body = JSON.parse(user) as Json
  const name = isJsonObject(body) ? addressOf(body) : undefined
  const value = isJsonObject(body) && name !== undefined ? (body[name] ?? null) : body
  if (isJsonObject(value)) {
    const { alias_name: alias, alias_label: label } = value
    return html`<bdi>${short(textOf(alias))}</bdi> (<bdi>${short(textOf(label))}</bdi>)`
  }
  return html`<bdi>${short(textOf(value))}</bdi>`
}

/** An odd number of backslashes before a place means that the one at it is escaped itself. */
function isEscapedBefore(text: string, at: number): boolean {
  const run = /\\*$/.exec(text.slice(Math.max(0, at - 64), at))?.[0].length ?? 0
  return run % 2 === 1
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const digits = code.toString(16).padStart(4, '0')
  return code > 0xffff ? `\\u{${digits}}` : `\\u${digits}`
}
