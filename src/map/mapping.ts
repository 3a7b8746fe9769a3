import { z } from 'zod'
import { identifierNames } from '../braze/identifiers.ts'
import type { Json } from '../model/json.ts'
import { kinds } from '../model/kind.ts'
import { columnTypes } from './column-types.ts'
import { readYaml } from './yaml.ts'

const idSource = z.union([z.string(), z.strictObject({ const: z.string() })], {
  error: 'a column, or { const: text }',
})

const rule = z.strictObject({
  /** The field to write. Default: the name of the column. */
  to: z.string().min(1).optional(),
  type: z.enum(columnTypes).optional(),
  /** Maps cells to values; other cells do not fit. */
  values: z.record(z.string(), z.json()).optional(),
  /** Cells that mean true, and false; with `type: boolean`. */
  true: z.array(z.string()).min(1).optional(),
  false: z.array(z.string()).min(1).optional(),
  /** The format of times, in Luxon's tokens: `dd/MM/yyyy HH:mm`; with `type: time`. */
  format: z.string().min(1).optional(),
  /** The time zone of times without one. Default: UTC. */
  zone: z.string().refine(isTimeZone, 'a time zone such as Europe/Madrid').optional(),
  /** The separator between list elements; with `type: string[]` or `number[]`. */
  separator: z.string().min(1).optional(),
})

export const mappingSchema = z.strictObject({
  kind: z
    .union([z.enum(kinds), z.strictObject({ column: z.string() })], {
      error: 'attributes, events, purchases or { column: NAME }',
    })
    .optional(),
  id: z
    .strictObject({
      external_id: idSource.optional(),
      user_alias: z.strictObject({ alias_name: idSource, alias_label: idSource }).optional(),
      braze_id: idSource.optional(),
      email: idSource.optional(),
      phone: idSource.optional(),
    } satisfies Record<(typeof identifierNames)[number], z.ZodType>)
    .optional(),
  columns: z
    .record(z.string(), z.union([z.literal('ignore'), rule], { error: 'ignore, or { to: …, type: … }' }))
    .optional(),
  rest: z.enum(['keep', 'ignore']).optional(),
  constants: z.record(z.string(), z.json()).optional(),
})

/** The content of a mapping file: which columns fill which fields, and how cells are converted. */
export type Mapping = z.infer<typeof mappingSchema>
export type ColumnRule = z.infer<typeof rule>

/** Does not use Luxon: every command loads this schema, and loading Luxon is slow. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Parses a mapping file. Mistakes are reported with their line and the closest valid word. */
export function readMapping(text: string, file: string): Mapping {
  return readYaml(text, file, mappingSchema, 'mapping_invalid')
}

/** Settings from the mapping file and from flags, which overlap. */
export interface MapSettings {
  mapping?: Mapping
  kind?: (typeof kinds)[number]
  /** Identifier (`external_id`, `user_alias.alias_name`, …) to column; overrides the mapping. */
  id?: Record<string, string>
  /** Column to type; overrides the header. */
  columnTypes?: Record<string, (typeof columnTypes)[number]>
  /** `infer` (default): per column over the whole file. `text`: undeclared cells are text. */
  types?: 'infer' | 'text'
  /** What an empty cell does: nothing (default), or remove the value. */
  empty?: 'skip' | 'null'
  /** A cell with exactly this text removes the value. */
  nullToken?: string
  /** What a cell that does not fit its type invalidates: the field, the row (default), or the run. */
  onTypeError?: 'field' | 'row' | 'stop'
  /** Sets `_update_existing_only` on every object that does not set it itself. */
  updateExistingOnly?: boolean
}

/** The value of a constant; undefined for a column. */
export function constantOf(source: string | { const: string }): Json | undefined {
  return typeof source === 'string' ? undefined : source.const
}
