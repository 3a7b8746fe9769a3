import { occurrenceField } from '../braze/fields.ts'
import { echoedAttributes } from '../braze/response.ts'
import { isJsonObject, type Json, type JsonObject, textOf } from '../model/json.ts'
import { type Kind, kinds } from '../model/kind.ts'

/** A name that the answer lists although the object did not ask for it. */
export interface Extra {
  kind: Kind
  name: string
}

/** What the answer lists and nobody asked for, in all of its lists. Only requested names should be there. */
export function extrasOf(kind: Kind, body: JsonObject, echoed: JsonObject): Extra[] {
  const extras: Extra[] = []
  for (const list of kinds) {
    for (const name of listedNames(list, echoed)) {
      if (list !== kind || !isAsked(kind, body, name)) extras.push({ kind: list, name: textOf(name) })
    }
  }
  return extras
}

/** The names in one list of the answer. */
export function listedNames(kind: Kind, echoed: JsonObject): Json[] {
  if (kind === 'attributes') return Object.keys(echoedAttributes(echoed) ?? {})
  const list = echoed[kind === 'events' ? 'custom_events' : 'purchase_events']
  if (list === undefined) return []
  const items = (Array.isArray(list) ? list : [list]).filter(isJsonObject)
  return items.flatMap(item => item[occurrenceField[kind]] ?? [])
}

/** One sentence for people; empty where there is nothing strange. */
export function sayExtras(extras: Extra[]): string {
  if (extras.length === 0) return ''
  const names = extras
    .slice(0, shown)
    .map(({ kind, name }) => `${nouns[kind]} ${JSON.stringify(shorten(name))}`)
  const more = extras.length > shown ? ` and ${extras.length - shown} more` : ''
  return `the response lists what was not requested: ${names.join(', ')}${more}`
}

/** The message goes into the journal and a table cell, so a strange answer may not make it long. */
const shown = 5
const shorten = (name: string) => (name.length > 80 ? `${name.slice(0, 79)}…` : name)

const nouns = { attributes: 'attribute', events: 'event', purchases: 'product' } as const

function isAsked(kind: Kind, body: JsonObject, name: Json): boolean {
  return kind === 'attributes' ? Object.hasOwn(body, textOf(name)) : body[occurrenceField[kind]] === name
}
