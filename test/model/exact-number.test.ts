import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inexactNumber, isCanonicalNumber, isExactNumber } from '../../src/model/exact-number.ts'

describe('a canonical number', () => {
  test.each(['0', '7', '-7', '0.5', '-12.25', '9007199254740991', '1234567.89'])('%s is one', text => {
    expect(isCanonicalNumber(text)).toBe(true)
  })

  test.each([
    '00123',
    '1e5',
    '1.50',
    '-0',
    '+1555',
    '1,000',
    ' 1',
    '1 ',
    '.5',
    '5.',
    '0x10',
    '',
    'NaN',
    'Infinity',
    '9007199254740993',
    '1234567890123456789',
    '0.1234567890123456789',
  ])('%j is not one', text => {
    expect(isCanonicalNumber(text)).toBe(false)
  })

  test('comes out as the very text that went in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.stringMatching(/^-?\d{1,20}(\.\d{1,8})?$/), fc.string()), text => {
        if (isCanonicalNumber(text)) expect(JSON.stringify(Number(text))).toBe(text)
      }),
    )
  })
})

describe('an exact number', () => {
  test.each(['1.50', '1e3', '1E+3', '9007199254740992', '0.1', '100000000000000000000', '-0.0', '5e-324'])(
    '%s loses no digit',
    text => {
      expect(isExactNumber(text)).toBe(true)
    },
  )

  test.each(['9007199254740993', '0.12345678901234567890', '1e999', '1e-999', 'abc', '12345678901234567891'])(
    '%s loses a digit',
    text => {
      expect(isExactNumber(text)).toBe(false)
    },
  )

  test('every double is exact as it is written', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), n => isExactNumber(String(n))))
  })
})

describe('the first inexact number of a JSON text', () => {
  test('is named as it stands there', () => {
    expect(inexactNumber('{"a":1,"id":9007199254740993,"b":[1.50]}')).toBe('9007199254740993')
    expect(inexactNumber('[1e400]')).toBe('1e400')
    expect(inexactNumber('{"id":-12345678901234567891}')).toBe('-12345678901234567891')
  })

  test('is not looked for in strings', () => {
    expect(inexactNumber(String.raw`{"id":"9007199254740993","q":"\" 9007199254740993"}`)).toBeUndefined()
    expect(inexactNumber('{"9007199254740993":1}')).toBeUndefined()
  })

  test('is missing where all numbers survive', () => {
    const value = fc.jsonValue()
    fc.assert(fc.property(value, json => inexactNumber(JSON.stringify(json)) === undefined))
  })
})

test('a very long text beside a long number neither overflows nor hides the number', () => {
  const long = JSON.stringify({ text: 'x\\"'.repeat(5_000_000), id: '12345678901234567890' })
  expect(inexactNumber(long)).toBeUndefined()
  expect(inexactNumber(`${long.slice(0, -1)},"n":9007199254740993}`)).toBe('9007199254740993')
})
