import { describe, expect, test } from 'vitest'
import { coerce } from '../../src/map/coerce.ts'
import type { ColumnRule } from '../../src/map/mapping.ts'
import type { ColumnType } from '../../src/map/column-types.ts'

const fitting: [type: ColumnType, cell: string, value: unknown, rule?: ColumnRule][] = [
  ['string', ' 007 ', ' 007 '],
  ['number', '12.50', 12.5],
  ['number', ' -3 ', -3],
  ['number', '1e3', 1000],
  ['number', '007', 7],
  ['number', '.5', 0.5],
  ['integer', '42', 42],
  ['integer', '42.0', 42],
  ['boolean', 'TRUE', true],
  ['boolean', 'no', false],
  ['boolean', '1', true],
  ['boolean', '1', false, { false: ['1'] }],
  ['time', '2022-12-06T19:20:45Z', '2022-12-06T19:20:45Z'],
  ['time', '2022-12-06', '2022-12-06'],
  ['time', '2022-12-06 19:20', '2022-12-06T19:20:00+01:00', { zone: 'Europe/Madrid' }],
  ['time', '2022-12-06T19:20:45-05:00', '2022-12-06T19:20:45-05:00', { zone: 'Europe/Madrid' }],
  ['time', '06/12/2022 19:20', '2022-12-06T19:20:00Z', { format: 'dd/MM/yyyy HH:mm' }],
  ['string[]', 'a|b', ['a', 'b']],
  ['string[]', 'a, b;c', ['a, b', 'c'], { separator: ';' }],
  ['string[]', '["a|b","c"]', ['a|b', 'c']],
  ['string[]', '[a]', ['[a]'], { separator: ',' }],
  ['number[]', '1|2.5', [1, 2.5]],
  ['number[]', '[1,2]', [1, 2]],
  ['json', '{"a":[1,null]}', { a: [1, null] }],
  ['json', '"text"', 'text'],
]

const unfit: [type: ColumnType, cell: string, expected: string, rule?: ColumnRule][] = [
  ['number', 'abc', 'a number such as 12.5'],
  ['number', '1,5', 'a number such as 12.5'],
  ['number', '0x10', 'a number such as 12.5'],
  ['number', 'Infinity', 'a number such as 12.5'],
  ['number', '２', 'a number such as 12.5'],
  ['number', '9007199254740993', 'at most 17 digits'],
  ['number', '1e400', 'at most 17 digits'],
  ['integer', '4.5', 'a whole number'],
  ['integer', '1e20', 'a whole number'],
  ['boolean', 'maybe', 'one of true, false, yes, no, 1, 0'],
  ['boolean', 'true', 'one of Sí, No', { true: ['Sí'], false: ['No'] }],
  ['time', 'yesterday', 'an ISO 8601 time'],
  ['time', '2022-02-30', 'an ISO 8601 time'],
  ['time', '1670354445', 'an ISO 8601 time'],
  ['time', '31/02/2022', 'a time written dd/MM/yyyy', { format: 'dd/MM/yyyy' }],
  ['number[]', '1|x', 'a number such as 12.5'],
  ['number[]', '["1"]', 'a JSON array of numbers'],
  ['string[]', '[1]', 'a JSON array of strings'],
  ['string[]', '["a"', 'a JSON array of strings'],
  ['json', '{a:1}', 'JSON'],
  ['json', '{"a":9007199254740993}', 'in quotation marks'],
]

describe('reading a cell as its declared type', () => {
  for (const [type, cell, value, rule] of fitting) {
    test(`${type}: ${JSON.stringify(cell)} is ${JSON.stringify(value)}${saying(rule)}`, () => {
      expect(coerce(cell, type, rule)).toEqual({ value })
    })
  }

  for (const [type, cell, expected, rule] of unfit) {
    test(`${type}: ${JSON.stringify(cell)} does not fit${saying(rule)}`, () => {
      expect(coerce(cell, type, rule)).toEqual({ expected: expect.stringContaining(expected) })
    })
  }
})

function saying(rule: ColumnRule | undefined): string {
  return rule === undefined ? '' : ` with ${JSON.stringify(rule)}`
}
