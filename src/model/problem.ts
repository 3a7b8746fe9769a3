import { type NextStep, sayStep } from './next-command.ts'

/** The place of a record: the file as it was named, the data record and the physical line, both counted from 1. */
export interface Place {
  file: string
  row: number
  line: number
}

/**
 * Every code a problem can carry, and what it means. Scripts match the code, people read the sentence of the problem
 * itself. `run` problems end the command with exit 2 before anything is sent; `row` problems make one row `invalid`
 * and leave all others alone.
 */
export const problemCodes = {
  file_not_found: { scope: 'run', means: 'An input file does not exist.' },
  file_not_readable: { scope: 'run', means: 'An input file exists but cannot be read.' },
  file_empty: { scope: 'run', means: 'An input file is empty.' },
  file_without_rows: { scope: 'run', means: 'A CSV file has a header but no rows.' },
  file_cut: { scope: 'run', means: 'A file is truncated, or its content breaks off.' },
  file_packed: {
    scope: 'run',
    means: 'A compressed file cannot be decompressed, or decompresses to far too much data.',
  },
  file_changed: { scope: 'run', means: 'A file changed, grew or shrank while it was being read.' },
  file_twice: { scope: 'run', means: 'An input file is given twice; each row would be sent twice.' },
  encoding_other: { scope: 'run', means: 'A file is not in the encoding that was set.' },
  input_unfinished: { scope: 'run', means: 'The run stopped before all of standard input was read.' },
  input_failed: {
    scope: 'run',
    means: 'Standard input, a stream or a source of your own failed before its end.',
  },
  format_unknown: {
    scope: 'run',
    means: 'The format of a file cannot be determined from its name and content.',
  },
  export_without_users: { scope: 'run', means: 'A file that is to be an export holds no exported users.' },
  header_invalid: { scope: 'run', means: 'The header line of a CSV file cannot be read.' },
  header_duplicate: {
    scope: 'run',
    means: 'Two columns have the same name, and the mapping does not ignore them.',
  },
  header_empty: { scope: 'run', means: 'A column has no name.' },
  column_unknown: { scope: 'run', means: 'A setting or mapping names a column that the file does not have.' },
  column_misplaced: { scope: 'run', means: 'A column is not a field of the objects of this kind.' },
  column_conflict: { scope: 'run', means: 'Two columns, or a column and a constant, set the same field.' },
  type_unknown: { scope: 'run', means: 'A column type does not exist.' },
  identifier_column_missing: { scope: 'run', means: 'No column identifies the user.' },
  identifier_columns_two: {
    scope: 'run',
    means: 'Two columns are primary identifiers; an object can have only one.',
  },
  kind_unknown: { scope: 'run', means: 'The kind is not attributes, events or purchases.' },
  mapping_invalid: { scope: 'run', means: 'The mapping file contains an error.' },
  settings_invalid: {
    scope: 'run',
    means:
      'A flag, an environment variable, a line of the settings file or an option of the library is invalid.',
  },
  host_missing: { scope: 'run', means: 'No host is set.' },
  host_insecure: {
    scope: 'run',
    means: 'The host does not use https, so the key would be sent unencrypted.',
  },
  key_missing: { scope: 'run', means: 'No API key is set.' },
  run_not_found: { scope: 'run', means: 'The run does not exist.' },
  run_exists: { scope: 'run', means: 'A run with this name already exists; runs are never overwritten.' },
  snapshot_missing: { scope: 'run', means: 'The run has no snapshot, so it cannot be undone.' },
  run_not_undoable: {
    scope: 'run',
    means: 'The run cannot be undone: it changed nothing, or its profiles are gone.',
  },
  profiles_refused: { scope: 'run', means: 'The profiles may not be read, so nothing can be undone.' },
  run_unreadable: { scope: 'run', means: 'The journal of a run cannot be read.' },
  run_damaged: { scope: 'run', means: 'The journal of a run is damaged.' },
  run_stored_nothing: { scope: 'run', means: 'The run stored nothing, so there is nothing to compare.' },
  run_gone: { scope: 'run', means: 'The folder of the run was moved, deleted or replaced during the run.' },
  run_not_writable: { scope: 'run', means: 'The folder of the run cannot be written.' },
  run_in_use: { scope: 'run', means: 'Another process is using the run.' },
  run_finished: { scope: 'run', means: 'The run has finished; there is nothing to resume.' },
  run_changed: { scope: 'run', means: 'The input or the mapping of a run has changed.' },
  run_other_target: { scope: 'run', means: 'The run was sent to a different host, or with a different key.' },
  run_disk_full: { scope: 'run', means: 'The journal or the report can no longer be written.' },

  csv_quote: { scope: 'row', means: 'A quotation mark is not closed, or is out of place.' },
  csv_cells: { scope: 'row', means: 'The record has more or fewer cells than the header.' },
  json_syntax: { scope: 'row', means: 'The line is not JSON.' },
  json_shape: { scope: 'row', means: 'The JSON is not an object that can be sent.' },
  json_name_twice: {
    scope: 'row',
    means: 'An object has the same key twice; one of the values would be lost.',
  },
  encoding: {
    scope: 'row',
    means: 'The record contains bytes that are invalid in the encoding of the file.',
  },
  record_too_large: { scope: 'row', means: 'The record is larger than a request may be.' },
  number_not_exact: { scope: 'row', means: 'A number would be rounded on its way to Braze.' },
  text_not_exact: {
    scope: 'row',
    means: 'Text contains half a surrogate pair, which would change on its way to Braze.',
  },
  cell_misplaced: { scope: 'row', means: 'A cell belongs to a different event than its row.' },
  export_not_writable: {
    scope: 'row',
    means: 'No request can write this field of an exported user; it is left out.',
  },
  cell_type: { scope: 'row', means: 'A cell does not fit the type of its column.' },
  identifier_missing: { scope: 'row', means: 'The row has none of the five identifiers.' },
  identifier_two: { scope: 'row', means: 'The row has two primary identifiers, which the API rejects.' },
  identifier_invalid: { scope: 'row', means: 'The identifier is empty, too long or malformed.' },
  field_required: { scope: 'row', means: 'A required field is missing.' },
  field_unknown: { scope: 'row', means: 'Objects of this kind do not have this field.' },
  field_type: { scope: 'row', means: 'A field has a value of the wrong type.' },
  field_value: { scope: 'row', means: 'A field has a value that the API does not accept.' },
  key_invalid: { scope: 'row', means: 'The API does not accept the name of an attribute or property.' },
  object_too_large: { scope: 'row', means: 'The request would be larger than the API accepts.' },
} as const satisfies Record<string, { scope: 'run' | 'row'; means: string }>

export type ProblemCode = keyof typeof problemCodes

/** What is wrong, where, what was expected, and what was found. */
export interface Problem {
  code: ProblemCode
  /** One sentence for people. It never holds the key. */
  message: string
  field?: string
  expected?: string
  came?: string
  file?: string
  row?: number
  line?: number
  /** The byte at which that line begins, to find it in a file of gigabytes. */
  byte?: number
}

export function problem(
  code: ProblemCode,
  message: string,
  more: Omit<Problem, 'code' | 'message'> = {},
): Problem {
  return { code, message, ...more }
}

/**
 * Ends a command before anything is sent. `next` is what to do, if there is one thing to do; `cause` is the caller's error
 * that led to it.
 */
export class TrackSyncError extends Error {
  override readonly name = 'TrackSyncError'
  readonly code: ProblemCode
  readonly problem: Problem
  /** What to do about it, if there is one thing to do. */
  readonly next: string | undefined
  /** The same as data, with the command to type, if there is one. */
  readonly step: NextStep | undefined

  constructor(
    code: ProblemCode,
    message: string,
    more: Omit<Problem, 'code' | 'message'> & { next?: string | NextStep; cause?: unknown } = {},
  ) {
    const { next, cause, ...place } = more
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.problem = problem(code, message, place)
    this.next = typeof next === 'object' ? sayStep(next) : next
    this.step = typeof next === 'object' ? next : undefined
  }
}

/** `customers.csv, row 12 (line 14)`: the place as text. */
export function sayPlace(place: Partial<Place>): string {
  if (place.file === undefined) return ''
  if (place.row === undefined)
    return place.line === undefined ? place.file : `${place.file}, line ${place.line}`
  return `${place.file}, row ${place.row} (line ${place.line})`
}

/** A value for a message, shortened. */
export function sample(value: unknown, charactersMax = 60): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'nothing')
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text
}
