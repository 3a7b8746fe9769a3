import { columnTypes, encodings, formats, kinds, readings } from '../index.ts'
import * as read from './read-value.ts'
import type { Setting } from './setting.ts'

const readers = ['plan', 'import'] as const

/** What to read, and how to understand it. */
export const reading: readonly Setting[] = [
  {
    name: 'kind',
    value: 'KIND',
    group: 'Reading',
    commands: readers,
    read: read.oneOf(kinds),
    default: 'from the columns',
    means: `what the rows are: ${kinds.join(', ')}`,
  },
  {
    name: 'id',
    value: 'IDENTIFIER=COLUMN',
    group: 'Reading',
    commands: readers,
    repeats: true,
    read: read.identifier,
    default: 'a column of that name',
    means:
      'the column that holds an identifier: external_id, braze_id, email, phone, user_alias.alias_name, user_alias.alias_label',
  },
  {
    name: 'mapping',
    value: 'FILE',
    group: 'Reading',
    commands: readers,
    default: 'none',
    means: 'a YAML file that says which column becomes which field',
  },
  {
    name: 'type',
    value: 'COLUMN=TYPE',
    group: 'Reading',
    commands: readers,
    repeats: true,
    read: read.columnType,
    default: 'found over the whole file',
    means: `the type of a column: ${columnTypes.join(', ')}`,
  },
  {
    name: 'types',
    value: 'infer|text',
    group: 'Reading',
    commands: readers,
    read: read.oneOf(['infer', 'text']),
    default: 'infer',
    means: 'columns without a type: look at every cell, or take all for text',
  },
  {
    name: 'empty',
    value: 'skip|null',
    group: 'Reading',
    commands: readers,
    read: read.oneOf(['skip', 'null']),
    default: 'skip',
    means: 'an empty cell: say nothing about the field, or remove its value',
  },
  {
    name: 'null-token',
    value: 'TEXT',
    group: 'Reading',
    commands: readers,
    default: 'none',
    means: 'a cell that is exactly this removes the value',
  },
  {
    name: 'on-type-error',
    value: 'field|row|stop',
    group: 'Reading',
    commands: readers,
    read: read.oneOf(['field', 'row', 'stop']),
    default: 'row',
    means: 'a cell that does not fit its type costs the field, the row, or the run',
  },
  {
    name: 'format',
    value: 'FORMAT',
    group: 'Reading',
    commands: readers,
    read: read.oneOf(formats),
    default: 'by name, then content',
    means: `the format of the files: ${formats.join(', ')}`,
  },
  {
    name: 'delimiter',
    value: 'CHARACTER',
    group: 'Reading',
    commands: readers,
    read: read.delimiter,
    default: 'found in the first records',
    means: 'what stands between the cells of a CSV file; `tab` for a tab',
  },
  {
    name: 'encoding',
    value: 'ENCODING',
    group: 'Reading',
    commands: readers,
    read: read.oneOf(encodings),
    default: 'by the first bytes, else utf-8',
    means: `how the characters of the files are encoded: ${encodings.join(', ')}`,
  },
  {
    name: 'update-existing-only',
    group: 'Reading',
    commands: readers,
    default: 'off',
    means: 'set _update_existing_only on every object that does not say',
  },
  {
    name: 'reading',
    value: 'NAME=VALUE',
    group: 'Reading',
    commands: ['plan', 'import', 'sandbox'],
    repeats: true,
    read: read.reading,
    default: 'the first of each',
    means: `how to read what the documentation leaves open (repeatable): ${sayReadings()}`,
  },
]

/** `arrayMax=500|25|100, …` */
function sayReadings(): string {
  return Object.entries(readings)
    .map(([name, { default: first, others }]) => `${name}=${[first, ...others].join('|')}`)
    .join(', ')
}
