import { type NextStep, sayStep } from './next-command.ts'

/** Where a record lies: the file as it was named, the 1-based data record, the 1-based physical line it begins on. */
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
  file_empty: { scope: 'run', means: 'An input file holds nothing.' },
  file_without_rows: { scope: 'run', means: 'A CSV file has a header and no rows.' },
  file_cut: { scope: 'run', means: 'A file ends, or stops being what it is, before it is whole.' },
  file_packed: { scope: 'run', means: 'A compressed file cannot be unpacked, or unpacks to far too much.' },
  file_changed: { scope: 'run', means: 'A file changed, grew or was cut while it was read.' },
  file_twice: { scope: 'run', means: 'An input file is named twice; each row would be sent twice.' },
  encoding_other: { scope: 'run', means: 'A file is not in the encoding that was said.' },
  input_unfinished: { scope: 'run', means: 'The run was stopped before standard input had been read.' },
  input_failed: {
    scope: 'run',
    means: 'Standard input, a stream or a source of the caller failed before its end.',
  },
  format_unknown: { scope: 'run', means: 'The format of a file cannot be told from its name and content.' },
  header_invalid: { scope: 'run', means: 'The header line of a CSV file cannot be read.' },
  header_duplicate: { scope: 'run', means: 'Two columns have the same name, and are not left out.' },
  header_empty: { scope: 'run', means: 'A column has no name.' },
  column_unknown: { scope: 'run', means: 'A setting or mapping names a column that the file does not have.' },
  column_misplaced: { scope: 'run', means: 'A column is not a field of the objects of this kind.' },
  column_conflict: { scope: 'run', means: 'Two columns, or a column and a constant, set the same field.' },
  type_unknown: { scope: 'run', means: 'A column type that does not exist.' },
  identifier_column_missing: { scope: 'run', means: 'No column identifies the user.' },
  identifier_columns_two: {
    scope: 'run',
    means: 'Two columns are primary identifiers; an object may have one.',
  },
  kind_unknown: { scope: 'run', means: 'The kind is not attributes, events or purchases.' },
  mapping_invalid: { scope: 'run', means: 'The mapping file has a mistake.' },
  settings_invalid: {
    scope: 'run',
    means: 'A flag, an environment variable, the settings file or an option of the library has a mistake.',
  },
  host_missing: { scope: 'run', means: 'No host was given to send to.' },
  host_insecure: { scope: 'run', means: 'The host is not https, so the key would travel in the clear.' },
  key_missing: { scope: 'run', means: 'No API key was given.' },
  run_not_found: { scope: 'run', means: 'There is no such run.' },
  run_exists: { scope: 'run', means: 'A run of this name exists already; nothing is ever overwritten.' },
  run_unreadable: { scope: 'run', means: 'The journal of a run cannot be read.' },
  run_damaged: { scope: 'run', means: 'The journal of a run is not what was written to it.' },
  run_gone: { scope: 'run', means: 'The folder of the run was moved, deleted or replaced under way.' },
  run_not_writable: { scope: 'run', means: 'Nothing can be written where the run is to be, or is.' },
  run_in_use: { scope: 'run', means: 'Another process is at work on the run.' },
  run_finished: { scope: 'run', means: 'The run has finished; there is nothing to resume.' },
  run_changed: { scope: 'run', means: 'The input or the mapping of a run is not what it was.' },
  run_other_target: { scope: 'run', means: 'The run was sent to another host, or with another key.' },
  run_disk_full: { scope: 'run', means: 'The journal or the report cannot be written any more.' },

  csv_quote: { scope: 'row', means: 'A quotation mark is open, or stands where none may stand.' },
  csv_cells: { scope: 'row', means: 'The record has more or fewer cells than the header.' },
  json_syntax: { scope: 'row', means: 'The line is not JSON.' },
  json_shape: { scope: 'row', means: 'The JSON is not an object that can be sent.' },
  json_name_twice: { scope: 'row', means: 'An object has a name twice; one of the values would be lost.' },
  encoding: {
    scope: 'row',
    means: 'The record holds bytes that are not what the encoding of the file says.',
  },
  record_too_large: { scope: 'row', means: 'The record is larger than any request may be.' },
  number_not_exact: { scope: 'row', means: 'A number that would be rounded on its way.' },
  text_not_exact: { scope: 'row', means: 'Text with half a character, which would be changed on its way.' },
  cell_misplaced: { scope: 'row', means: 'A cell belongs to another event than that of its row.' },
  export_not_writable: {
    scope: 'row',
    means: 'A field of an exported user that no request can write; it is left out.',
  },
  cell_type: { scope: 'row', means: 'A cell does not fit the type of its column.' },
  identifier_missing: { scope: 'row', means: 'None of the five identifiers is there.' },
  identifier_two: { scope: 'row', means: 'Two primary identifiers; the API refuses that.' },
  identifier_invalid: { scope: 'row', means: 'The identifier is empty, too long or of the wrong form.' },
  field_required: { scope: 'row', means: 'A required field is missing.' },
  field_unknown: { scope: 'row', means: 'A field that objects of this kind do not have.' },
  field_type: { scope: 'row', means: 'A field has a value of the wrong type.' },
  field_value: { scope: 'row', means: 'A field has a value outside what the API takes.' },
  key_invalid: { scope: 'row', means: 'An attribute or property name the API does not take.' },
  object_too_large: { scope: 'row', means: 'The request would be larger than the API takes.' },
} as const satisfies Record<string, { scope: 'run' | 'row'; means: string }>

export type ProblemCode = keyof typeof problemCodes

/** What is wrong, where, what was expected, what came. */
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
  /** The byte at which that line begins, where people have to find it in a file of gigabytes. */
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
 * Ends a command before anything is sent. `next` is what to do, where there is one thing to do; `cause` the error of the
 * caller's own that led to it.
 */
export class TrackSyncError extends Error {
  override readonly name = 'TrackSyncError'
  readonly code: ProblemCode
  readonly problem: Problem
  /** What to do about it, in words; where there is one thing to do. */
  readonly next: string | undefined
  /** The same with the command to type then, as data; where there is one. */
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

/** `customers.csv, row 12 (line 14)`: the place as people say it. */
export function sayPlace(place: Partial<Place>): string {
  if (place.file === undefined) return ''
  if (place.row === undefined)
    return place.line === undefined ? place.file : `${place.file}, line ${place.line}`
  return `${place.file}, row ${place.row} (line ${place.line})`
}

/** Values in messages are shortened: a message is read, not parsed. */
export function sample(value: unknown, charactersMax = 60): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'nothing')
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text
}
