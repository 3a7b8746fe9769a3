import { didYouMean } from './nearest.ts'

/** The types a column can be declared to have: header `name:TYPE`, `--type name=TYPE`, or `type:` in a mapping. */
export const columnTypes = [
  'string',
  'number',
  'integer',
  'boolean',
  'time',
  'string[]',
  'number[]',
  'json',
] as const
export type ColumnType = (typeof columnTypes)[number]

export function isColumnType(text: string): text is ColumnType {
  return columnTypes.some(type => type === text)
}

/**
 * Splits `age:integer` into name and type. What follows the last colon is a type only if it is one; a near miss is
 * told, because `age:interger` would otherwise become an attribute of that name.
 */
export function splitTypedName(header: string): { name: string; type?: ColumnType; mistake?: string } {
  const colon = header.lastIndexOf(':')
  if (colon <= 0) return { name: header }
  const suffix = header.slice(colon + 1)
  if (isColumnType(suffix)) return { name: header.slice(0, colon), type: suffix }
  const hint = didYouMean(suffix, columnTypes)
  return hint === '' ? { name: header } : { name: header, mistake: `\`${suffix}\` is not a type.${hint}` }
}
