import { didYouMean } from './nearest.ts'

/** The types that a column can be declared with: header `name:TYPE`, `--type name=TYPE`, or `type:` in a mapping. */
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
 * Splits `age:integer` into name and type. A suffix that is nearly a type is a mistake: `age:interger` would otherwise
 * become the name of an attribute.
 */
export function splitTypedName(header: string): { name: string; type?: ColumnType; mistake?: string } {
  const colon = header.lastIndexOf(':')
  if (colon <= 0) return { name: header }
  const suffix = header.slice(colon + 1)
  if (isColumnType(suffix)) return { name: header.slice(0, colon), type: suffix }
  const hint = didYouMean(suffix, columnTypes)
  return hint === '' ? { name: header } : { name: header, mistake: `\`${suffix}\` is not a type.${hint}` }
}
