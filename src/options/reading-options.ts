import { columnTypes } from '../map/column-types.ts'
import { kinds } from '../model/kind.ts'
import { encodings, formats } from '../model/row.ts'
import { delimiter, oneOf, onOff, path, text } from './forms.ts'
import { files, mapping } from './instances.ts'
import type { Rows } from './option.ts'
import { assumptions, identifiers, types } from './pairs.ts'

/** What decides how the input is understood decides what is sent. */
const reading = { calls: ['plan', 'importFiles'], journaled: true, identity: true } as const

/** What to read, and how to understand it. */
export const readingOptions = {
  files: { form: files, calls: ['plan', 'importFiles', 'resume'], required: ['plan', 'importFiles'] },
  kind: {
    ...reading,
    form: oneOf(kinds, 'kind_unknown'),
    flag: {
      value: 'KIND',
      group: 'Reading',
      default: 'from the columns',
      means: `what the rows are: ${kinds.join(', ')}`,
    },
  },
  id: {
    ...reading,
    form: identifiers,
    flag: {
      value: 'IDENTIFIER=COLUMN',
      group: 'Reading',
      repeats: true,
      default: 'a column of that name',
      means: 'the column of an identifier',
      more: 'external_id, braze_id, email, phone, user_alias.alias_name, user_alias.alias_label',
    },
  },
  mapping: { ...reading, form: mapping },
  mappingFile: {
    form: path,
    calls: ['plan', 'importFiles'],
    journaled: true,
    isPath: true,
    flag: {
      name: 'mapping',
      value: 'FILE',
      group: 'Reading',
      means: 'YAML that says which column becomes what',
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
      default: 'found over the whole file',
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
      means: 'columns without a type: look, or take text',
      more: 'every cell of the file is looked at',
    },
  },
  empty: {
    ...reading,
    form: oneOf(['skip', 'null']),
    default: 'skip',
    flag: {
      value: 'skip|null',
      group: 'Reading',
      means: 'an empty cell: leave the value, or remove it',
    },
  },
  nullToken: {
    ...reading,
    form: text,
    flag: {
      value: 'TEXT',
      group: 'Reading',
      means: 'a cell that is exactly this removes the value',
    },
  },
  onTypeError: {
    ...reading,
    form: oneOf(['field', 'row', 'stop']),
    default: 'row',
    flag: {
      value: 'field|row|stop',
      group: 'Reading',
      means: 'what a cell of the wrong type costs',
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
      default: 'found in the first records',
      means: 'what stands between the cells of CSV; `tab` for a tab',
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
      means: 'create no users',
      more: 'sets _update_existing_only on every object that does not say',
    },
  },
  readings: {
    ...reading,
    calls: ['plan', 'importFiles', 'createSandbox'],
    form: assumptions,
    flag: {
      name: 'reading',
      value: 'NAME=VALUE',
      group: 'Reading',
      repeats: true,
      default: 'the first of each',
      means: 'how to read what is not documented',
      more: 'see "What we assume"; repeatable, such as longString=truncate',
    },
  },
} as const satisfies Partial<Rows>
