import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { depthMax, readExactJson } from '../../src/model/exact-json.ts'

describe('JSON that arrives as it is written', () => {
  test.each([
    '{"a":1.50,"b":[true,null,"x"],"c":{"a":{"a":1}}}',
    '{"\\u0061":1,"b":"\\ud83d\\ude00","c":"\\\\ud83d"}',
    '{"__proto__":{"constructor":1},"constructor":{"prototype":{}}}',
    '{"a":"\\u0000","":"empty","ключ":"значение","鍵":"値","😀":"é"}',
    '{"a" : "\\":", "b"\n:\t"{}"}',
    '[{"a":1},{"a":2}]',
    '"text"',
  ])('%s', text => {
    expect(readExactJson(text)).toEqual({ value: JSON.parse(text) as unknown })
  })
})

describe('JSON that would be changed on its way', () => {
  test.each([
    ['{"a":1,"a":2}', 'json_name_twice', '"a"'],
    ['{"a":1,"\\u0061":2}', 'json_name_twice', '"a"'],
    ['{"x":[{"b":{"c":1,"c":1}}]}', 'json_name_twice', '"c"'],
    ['{"a" :1,"a":"\\":"}', 'json_name_twice', '"a"'],
    ['{"__proto__":1,"__proto__":2}', 'json_name_twice', '"__proto__"'],
    ['{"a":"\\ud83d"}', 'text_not_exact', '\\ud83d'],
    ['{"a":"x\\uDE00y"}', 'text_not_exact', '\\uDE00'],
    ['{"\\ud83d\\ud83d\\ude00":1}', 'text_not_exact', '\\ud83d'],
    ['{"a":9007199254740993}', 'number_not_exact', '9007199254740993'],
    ['{"a":1e400}', 'number_not_exact', '1e400'],
    ['{"a":-1e-400}', 'number_not_exact', '-1e-400'],
    ['{"a":NaN}', 'json_syntax', '"{\\"a\\":NaN}"'],
    ['{"a":Infinity}', 'json_syntax', '"{\\"a\\":Infinity}"'],
    ['{"a":012}', 'json_syntax', '"{\\"a\\":012}"'],
    ['{"a":１２}', 'json_syntax', '"{\\"a\\":１２}"'],
    ["{'a':1}", 'json_syntax', '"{\'a\':1}"'],
  ])('%s is %s', (text, code, came) => {
    expect(readExactJson(text)).toMatchObject({ problem: { code, came } })
  })

  test('nested so deep that writers of JSON break', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(readExactJson(nested(depthMax))).toHaveProperty('value')
    for (const levels of [depthMax + 1, 100_000]) {
      expect(readExactJson(nested(levels))).toMatchObject({
        problem: { code: 'json_shape', came: `${levels} levels` },
      })
    }
  })
})

test('any JSON is exact, however it is laid out, and a name added to any of its objects again is found', () => {
  const space = fc.constantFrom('', ' ', '\n  ', '\t')
  fc.assert(
    fc.property(
      fc.object({ maxDepth: 3, withNullPrototype: false, values: [fc.string(), fc.boolean()] }),
      space,
      (value, gap) => {
        const strings = /("(?:[^"\\]|\\.)*")(:?)/g
        const laid = JSON.stringify(value).replaceAll(strings, (_, text: string, colon: string) =>
          colon === '' ? text : `${text}${gap}:${gap}`,
        )
        expect(readExactJson(laid)).toEqual({ value })
        for (const { 1: name = '', index } of laid.matchAll(/("(?:[^"\\]|\\.)*")(?:\s*(:))?/g)) {
          if (
            !laid
              .slice(index + name.length)
              .trimStart()
              .startsWith(':')
          )
            continue
          const twice = `${laid.slice(0, index)}${name}:0,${laid.slice(index)}`
          expect(readExactJson(twice)).toMatchObject({ problem: { code: 'json_name_twice' } })
        }
      },
    ),
    { numRuns: 500 },
  )
})
