import { isJsonObject, type Json, type JsonObject, setKey } from '../model/json.ts'

/** Sets a value at a path, making the objects on the way. */
export function setPath(body: JsonObject, path: string[], value: Json): void {
  const last = path.length - 1
  if (last === 0) return setKey(body, path[0] ?? '', value)
  let object = body
  for (let i = 0; i < last; i++) {
    const step = path[i] ?? ''
    const there = Object.hasOwn(object, step) ? object[step] : undefined
    const next = isJsonObject(there) ? there : {}
    if (next !== there) setKey(object, step, next)
    object = next
  }
  setKey(object, path[last] ?? '', value)
}
