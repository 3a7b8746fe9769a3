import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesAsUtf8, chunkSizes, readAll } from '../support/parse-read.ts'

describe('the place and bytes of NDJSON rows', () => {
  test.each(chunkSizes)(
    'are exact with a BOM, LF and CRLF, blank lines, no final line end (pieces of %i)',
    async size => {
      const { header, rows } = await readAll('ndjson', '\ufeff{"a":1}\r\n\n \t\r\n{"a":"ñ"}\n{"a":3}', size)
      expect(header).toBeNull()
      expect(rows).toEqual([
        { row: 1, line: 1, raw: '{"a":1}', value: { a: 1 } },
        { row: 2, line: 4, raw: '{"a":"ñ"}', value: { a: 'ñ' } },
        { row: 3, line: 5, raw: '{"a":3}', value: { a: 3 } },
      ])
    },
  )

  test('quotation marks never join lines', async () => {
    const { rows } = await readAll('ndjson', '{"a":"x\n{"a":"y"}\n')
    expect(rows).toMatchObject([
      { line: 1, problem: { code: 'json_syntax' } },
      { line: 2, value: { a: 'y' } },
    ])
  })

  test('CR, LF and CRLF end a line; U+2028, U+2029 and U+0085 do not', async () => {
    const text = 'x\u2028y\u2029z\u0085'
    const { rows } = await readAll('ndjson', `{"a":"${text}"}\r \n{"a":2}\r{"a":3}\r\n{"a":4}`)
    expect(rows).toMatchObject([
      { row: 1, line: 1, value: { a: text } },
      { row: 2, line: 3, value: { a: 2 } },
      { row: 3, line: 4, value: { a: 3 } },
      { row: 4, line: 5, value: { a: 4 } },
    ])
  })
})

describe('bad lines of NDJSON', () => {
  test.each([
    ['{"a":', 'json_syntax'],
    ['{"a":1}{"a":2}', 'json_syntax'],
    ["{'a':1}", 'json_syntax'],
    ['nonsense', 'json_syntax'],
    ['{"a":NaN}', 'json_syntax'],
    [Buffer.from([0x22, 0xff, 0x22]), 'encoding'],
    ['{"id":9007199254740993}', 'number_not_exact'],
    ['{"id":0.12345678901234567891}', 'number_not_exact'],
    ['{"id":1e400}', 'number_not_exact'],
  ])('%s is one bad row, and the rows around it are whole', async (line, code) => {
    const { rows, error } = await readAll(
      'ndjson',
      Buffer.concat(['{"n":1}\n', line, '\n{"n":3}\n'].map(part => Buffer.from(part))),
    )
    expect(error).toBeUndefined()
    expect(rows).toMatchObject([
      { row: 1, line: 1, value: { n: 1 } },
      { row: 2, line: 2, raw: line.toString(), problem: { code } },
      { row: 3, line: 3, value: { n: 3 } },
    ])
  })

  test('a number that would be rounded is told with its digits and the remedy', async () => {
    const { rows } = await readAll('ndjson', '{"id":12345678901234567890}')
    expect(rows[0]?.problem).toMatchObject({
      came: '12345678901234567890',
      expected: 'the number in quotation marks',
    })
  })

  test('long digits inside a string, and long numbers that are exact, are no problem', async () => {
    const { rows } = await readAll(
      'ndjson',
      '{"a":"9007199254740993","b":9007199254740992,"c":1e300,"d":0.1}',
    )
    expect(rows[0]?.value).toEqual({ a: '9007199254740993', b: 9007199254740992, c: 1e300, d: 0.1 })
  })

  test('a file of blank lines is an empty file', async () => {
    const { error } = await readAll('ndjson', '\n \r\n\t\n')
    expect(error?.code).toBe('file_empty')
  })
})

describe('values of NDJSON', () => {
  test('a key called __proto__ is a key like any other', async () => {
    const { rows } = await readAll('ndjson', '{"__proto__":{"admin":true},"constructor":1}')
    expect(Object.keys(rows[0]?.value ?? {})).toEqual(['__proto__', 'constructor'])
    expect(JSON.stringify(rows[0]?.value)).toBe('{"__proto__":{"admin":true},"constructor":1}')
  })

  test('what is not an object is still a row, for the mapping to refuse', async () => {
    const { rows } = await readAll('ndjson', '[1]\n"x"\nnull\n7')
    expect(rows.map(({ value }) => value)).toEqual([[1], 'x', null, 7])
  })

  test('any JSON values, a line each, come back exactly in any pieces', async () => {
    const values = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 30 }), async (list, size) => {
        const lines = list.map(value => JSON.stringify(value))
        const { rows } = await readAll('ndjson', lines.join('\n'), size)
        expect(rows.map(({ raw }) => raw)).toEqual(lines)
        expect(rows.map(({ value }) => JSON.stringify(value))).toEqual(lines)
      }),
      { numRuns: 300 },
    )
  })

  test('any bytes never crash, read the same in any pieces, and every line that is not blank is a row', async () => {
    await fc.assert(
      fc.asyncProperty(bytesAsUtf8(60), fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
        const whole = await readAll('ndjson', bytes)
        expect(await readAll('ndjson', bytes, size)).toEqual(whole)
        const lines = Buffer.from(bytes)
          .toString()
          .replace(/^\ufeff/, '')
          .split(/\r\n|\r|\n/)
        const filled = lines.flatMap((line, i) => (line.trim() === '' ? [] : [i + 1]))
        expect(whole.rows.map(({ line }) => line)).toEqual(filled)
      }),
      { numRuns: 500 },
    )
  })
})
