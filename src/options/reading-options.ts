import { columnTypes } from '../map/column-types.ts'
import { kinds } from '../model/kind.ts'
import { encodings, formats } from '../model/row.ts'
import { delimiter, oneOf, onOff, path, text } from './forms.ts'
import { files, mapping } from './instances.ts'
import type { Rows } from './option.ts'
import { assumptions, identifiers, types } from './pairs.ts'

/** Whatever affects how the input is interpreted affects what is sent. */
const reading = { calls: ['plan', 'importFiles', 'audit'], journaled: true, identity: true } as const

/** What to read, and how to interpret it. */
export const readingOptions = {
  files: {
    form: files,
    calls: ['plan', 'importFiles', 'audit', 'resume'],
    required: ['plan', 'importFiles', 'audit'],
  },
  kind: {
    ...reading,
    form: oneOf(kinds, 'kind_unknown'),
    flag: {
      value: 'KIND',
      group: 'Reading',
      default: 'from the columns',
      means: `the kind of the rows: ${kinds.join(', ')}`,
    },
  },
  id: {
    ...reading,
    form: identifiers,
    flag: {
      value: 'IDENTIFIER=COLUMN',
      group: 'Reading',
      repeats: true,
      default: 'the column of that name',
      means: 'the column that holds an identifier',
      more: 'external_id, braze_id, email, phone, user_alias.alias_name, user_alias.alias_label',
    },
  },
  mapping: { ...reading, form: mapping },
  mappingFile: {
    form: path,
    calls: ['plan', 'importFiles', 'audit'],
    journaled: true,
    isPath: true,
    flag: {
      name: 'mapping',
      value: 'FILE',
      group: 'Reading',
      means: 'YAML file that maps columns to fields',
    },
  },
  columnTypes: {
    ...reading,
    form: types,
    flag: {
      name: 'type',
      value: 'COLUMN=TYPE',
      group: 'Reading',
      repeats: true,
      default: 'inferred from the whole file',
      means: `the type of a column: ${columnTypes.join(', ')}`,
    },
  },
  types: {
    ...reading,
    form: oneOf(['infer', 'text']),
    default: 'infer',
    flag: {
      value: 'infer|text',
      group: 'Reading',
      means: 'untyped columns: infer, or read text',
      more: '`infer` looks at every cell of the file',
    },
  },
  empty: {
    ...reading,
    form: oneOf(['skip', 'null']),
    default: 'skip',
    flag: {
      value: 'skip|null',
      group: 'Reading',
      means: 'empty cells keep or remove the value',
    },
  },
  nullToken: {
    ...reading,
    form: text,
    flag: {
      value: 'TEXT',
      group: 'Reading',
      means: 'a cell with this exact text removes the value',
    },
  },
  onTypeError: {
    ...reading,
    form: oneOf(['field', 'row', 'stop']),
    default: 'row',
    flag: {
      value: 'field|row|stop',
      group: 'Reading',
      means: 'on a cell of the wrong type: drop the value, drop the row, or stop',
    },
  },
  format: {
    ...reading,
    form: oneOf(formats),
    flag: {
      value: 'FORMAT',
      group: 'Reading',
      default: 'by name, then content',
      means: `the format of the files: ${formats.join(', ')}`,
    },
  },
  delimiter: {
    ...reading,
    form: delimiter,
    flag: {
      value: 'CHARACTER',
      group: 'Reading',
      default: 'detected from the first records',
      means: 'the delimiter between CSV cells; `tab` for a tab',
    },
  },
  encoding: {
    ...reading,
    form: oneOf(encodings),
    flag: {
      value: 'ENCODING',
      group: 'Reading',
      default: 'by the first bytes, else utf-8',
      means: `the encoding of the files: ${encodings.join(', ')}`,
    },
  },
  updateExistingOnly: {
    ...reading,
    form: onOff,
    default: false,
    flag: {
      group: 'Reading',
      means: 'update users, and create none',
      more: 'sets _update_existing_only on every object that does not set it',
    },
  },
  readings: {
    ...reading,
    calls: ['plan', 'importFiles', 'audit', 'createSandbox'],
    form: assumptions,
    flag: {
      name: 'reading',
      value: 'NAME=VALUE',
      group: 'Reading',
      repeats: true,
      default: 'see docs/sandbox.md',
      means: 'how to interpret what is not documented',
      more: 'such as longString=truncate; repeatable; see "What we assume"',
    },
  },
} as const satisfies Partial<Rows>
