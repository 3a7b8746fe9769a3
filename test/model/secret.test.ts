import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactor } from '../../src/model/secret.ts'
import { keyForms as encodings, shows } from '../support/key-forms.ts'

const key = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
const redact = redactor([key])

/** Where a server may put what it was sent. */
const places: Record<string, (told: string) => string> = {
  'a value': told => JSON.stringify({ message: 'success', users: [{ custom_attributes: { a: told } }] }),
  'a part of a value': told => JSON.stringify({ message: `Invalid API key: ${told}.` }),
  'a name': told => JSON.stringify({ users: [{ custom_attributes: { [told]: 1 } }] }),
  'an identifier': told => JSON.stringify({ users: [{ external_id: told }], message: 'success' }),
  'JSON in JSON': told => JSON.stringify({ message: JSON.stringify({ sent: told }) }),
  'the first of two values of a name': told => `[{"a":${JSON.stringify(told)},"a":"x"}]`,
  'JSON that is cut': told => `{"message":${JSON.stringify(told).slice(0, -1)}`,
  'a page': told => `<html><body data-key="${told}"><p>Key ${told} is unknown</p></body></html>`,
  'plain text': told => `no such key ${told}\n`,
}

describe.each(Object.entries(places))('a key in %s', (_place, put) => {
  test.each(Object.entries(encodings))('%s is taken out', (_name, encode) => {
    for (const isData of [true, false]) {
      const text = redact(put(encode(key)), isData)
      expect(text).toContain('[key]')
      expect(shows(text, key)).toBe(false)
    }
  })
})

describe('what is no secret', () => {
  test('stands beside one as it was: numbers, order, blanks and all', () => {
    const body = `{ "n": 12345678901234567890, "k": "a ${key} b", "b": 1, "a": 1e400, "\\u0061": "\\"" }`
    expect(redact(body)).toBe(
      '{ "n": 12345678901234567890, "k": "a [key] b", "b": 1, "a": 1e400, "\\u0061": "\\"" }',
    )
  })

  test('stays as it is, byte for byte', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.string({ unit: signs })), text => {
        expect(redact(text)).toBe(text)
      }),
    )
  })

  test.each(['k', 'sandbox', 'secret'])('a key such as %s changes no value', short => {
    const body = JSON.stringify({
      users: [{ external_id: short, custom_attributes: { [short]: `a ${short} b` } }],
    })
    expect(redactor([short])(body, true)).toBe(body)
    expect(redactor([short])(`{"message":"Invalid API key: ${short}, ${short}s"}`)).toBe(
      `{"message":"Invalid API key: [key], ${short}s"}`,
    )
  })

  test('nothing is a secret where there is none', () => {
    expect(redactor([])('{"a":"\\u0041"}')).toBe('{"a":"\\u0041"}')
    expect(redactor([''])('{"a":"\\u0041"}')).toBe('{"a":"\\u0041"}')
  })
})

test('of several secrets, each is taken out', () => {
  const text = redactor([key, 'p@ss:word%41'])(`<p>${key} and p%40ss%3Aword%2541 and p@ss:wordA</p>`)
  expect(text).toBe('<p>[key] and [key] and [key]</p>')
})

/** All that a key may hold: `checkTarget` refuses the rest. */
const signs = fc.constantFrom(
  ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter(sign => !`"'`.includes(sign)),
)
const words = fc.string({
  unit: fc.constantFrom(...Array.from('abc XYZ019.,;=+-_{}[]:"\n<>/')),
  maxLength: 12,
})

describe('any key', () => {
  test('is gone, however it is written, wherever it stands', () => {
    const anyKey = fc.string({ unit: signs, minLength: 8, maxLength: 60 })
    const way = fc.constantFrom(...Object.keys(encodings))
    const place = fc.constantFrom(...Object.keys(places))
    fc.assert(
      fc.property(anyKey, way, place, words, words, (secret, name, where, before, after) => {
        const told = encodings[name]?.(secret) ?? ''
        const text = redactor([secret])(places[where]?.(`${before}${told}${after}`) ?? '')
        expect(text).toContain('[key]')
        expect(text).not.toContain(told)
        expect(text).not.toContain(secret)
      }),
      { numRuns: 1000 },
    )
  })
})

test('a large answer full of escapes is looked through in time that grows with its length alone', () => {
  const cost = (length: number) => {
    const text = `{"a":"${'%25\\u0033 33 '.repeat(length)}"}`
    const before = process.cpuUsage()
    redact(text)
    return process.cpuUsage(before).user
  }
  cost(20_000)
  expect(cost(80_000)).toBeLessThan(cost(10_000) * 40 + 100_000)
})
