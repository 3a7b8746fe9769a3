import { z } from 'zod'
import { identifierNames } from '../braze/identifiers.ts'
import type { Json } from '../model/json.ts'
import { kinds } from '../model/kind.ts'
import { columnTypes } from './column-types.ts'
import { readYaml } from './yaml.ts'

const from = z.union([z.string(), z.strictObject({ const: z.string() })], {
  error: 'a column, or { const: text }',
})

const rule = z.strictObject({
  /** The field to write. Default: the column's own name. */
  to: z.string().min(1).optional(),
  type: z.enum(columnTypes).optional(),
  /** Cell to value; a cell that is not listed does not fit. */
  values: z.record(z.string(), z.json()).optional(),
  /** Cells that mean true, and false; with `type: boolean`. */
  true: z.array(z.string()).min(1).optional(),
  false: z.array(z.string()).min(1).optional(),
  /** How times are written in the cells, in Luxon's tokens: `dd/MM/yyyy HH:mm`; with `type: time`. */
  format: z.string().min(1).optional(),
  /** The time zone of cells that name none. Default: UTC. */
  zone: z.string().refine(isTimeZone, 'a time zone such as Europe/Madrid').optional(),
  /** What stands between the elements of a list; with `type: string[]` or `number[]`. */
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
      external_id: from.optional(),
      user_alias: z.strictObject({ alias_name: from, alias_label: from }).optional(),
      braze_id: from.optional(),
      email: from.optional(),
      phone: from.optional(),
    } satisfies Record<(typeof identifierNames)[number], z.ZodType>)
    .optional(),
  columns: z
    .record(z.string(), z.union([z.literal('ignore'), rule], { error: 'ignore, or { to: …, type: … }' }))
    .optional(),
  rest: z.enum(['keep', 'ignore']).optional(),
  constants: z.record(z.string(), z.json()).optional(),
})

/** What a mapping file says: which columns become which fields, and how their cells are read. */
export type Mapping = z.infer<typeof mappingSchema>
export type ColumnRule = z.infer<typeof rule>

/** Every option of every command is read with this schema, so it asks what is there anyway: the calendar need not be loaded. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Reads a mapping file. A mistake is told with its line and the nearest right word. */
export function readMapping(text: string, file: string): Mapping {
  return readYaml(text, file, mappingSchema, 'mapping_invalid')
}

/** How rows become objects; the mapping file and the flags say the same things in two places. */
export interface MapSettings {
  mapping?: Mapping
  kind?: (typeof kinds)[number]
  /** Identifier (`external_id`, `user_alias.alias_name`, …) to column; wins over the mapping. */
  id?: Record<string, string>
  /** Column to type; wins over the header. */
  columnTypes?: Record<string, (typeof columnTypes)[number]>
  /** `infer` (default): per column over the whole file. `text`: every cell is text unless its type is declared. */
  types?: 'infer' | 'text'
  /** What an empty cell says: nothing (default), or remove the value. */
  empty?: 'skip' | 'null'
  /** A cell that is exactly this text removes the value. */
  nullToken?: string
  /** What a cell that does not fit its type costs: the field, the row (default), or the run. */
  onTypeError?: 'field' | 'row' | 'stop'
  /** Sets `_update_existing_only` on every object that does not say. */
  updateExistingOnly?: boolean
}

/** A constant of the mapping, or undefined. */
export function constantOf(source: string | { const: string }): Json | undefined {
  return typeof source === 'string' ? undefined : source.const
}
