import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { compare } from '../../src/report/page/comparison.ts'
import { userText, short, visible } from '../../src/report/page/visible.ts'

/** Both sides as a reader sees them; what is marked stands between brackets. */
function seen(requested: Json, returned?: Json): string[] {
  const { requested: asked, returned: came } = compare(requested, returned)
  return [asked, came].map(({ text }) =>
    text
      .replaceAll('<mark>', '[')
      .replaceAll('</mark>', ']')
      .replaceAll(/<[^>]+>/g, '')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  )
}

describe('the difference', () => {
  test.each<[string, Json, Json, string, string]>([
    ['of two words is the words', 'gold', 'silver', '"[gold]"', '"[silver]"'],
    ['of two numbers is their digits', 29.9, 29.99, '29.9', '29.9[9]'],
    ['of two lists is the element', [1, 25, 3], [1, 3], '[1,[25,]3] 3 elements', '[1,3] 2 elements'],
    [
      'of two objects is the value',
      { a: { b: 'x y' } },
      { a: { b: 'x z' } },
      '{"a":{"b":"x [y]"}}',
      '{"a":{"b":"x [z]"}}',
    ],
    ['of letters in a word is the letters', 'Straße', 'Strasse', '"Stra[ß]e"', '"Stra[ss]e"'],
    ['of characters outside the plane is whole characters', '😀😁', '😀😂', '"😀[😁]"', '"😀[😂]"'],
    ['of what cannot be seen can be seen', 'a b', 'a\u00a0b', '"a[ ]b"', '"a[\\u00a0]b"'],
    ['of two kinds of value is all of it', 31, '31', '[31]', '["31"]'],
    ['of null is all of it', null, 'x', '[null]', '["x"]'],
    [
      'where next to nothing is alike is all of it',
      'abcdefghij kl',
      'uvwxyz 123456',
      '["abcdefghij kl"]',
      '["uvwxyz 123456"]',
    ],
  ])('%s', (_name, requested, returned, asked, came) => {
    expect(seen(requested, returned)).toEqual([asked, came])
  })

  test('of a text that was cut is what is missing, and where it was cut', () => {
    const [asked, came] = seen('x'.repeat(400), 'x'.repeat(255))
    expect(asked).toBe(`…${'x'.repeat(100)}[${'x'.repeat(145)}]" 400 characters`)
    expect(came).toBe(`…${'x'.repeat(100)}" cut after 255 characters`)
  })

  test('of a long text is shown wherever it is', () => {
    const words = 'all the same '.repeat(1000)
    const [asked = '', came = ''] = seen(`${words}here${words}`, `${words}there${words}`)
    expect(asked).toMatch(/^…(all the same )*.*same hereall[^[]*… 26,004 characters$/)
    expect(came).toMatch(/same \[t\]hereall[^[]*… 26,005 characters$/)
    expect(Math.max(asked.length, came.length)).toBeLessThan(340)
  })

  test('where the answer does not show the field is that', () => {
    expect(seen('gold')).toEqual(['"gold"', 'not shown'])
  })
})

test('what is shown is what there is: nothing is lost, added or doubled, whatever the values', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.jsonValue({ maxDepth: 2 }))
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [requested, returned] = [a, b] as Json[]
      fc.pre(requested !== undefined && returned !== undefined)
      for (const [side, json] of [
        [compare(requested, returned).requested, requested],
        [compare(requested, returned).returned, returned],
      ] as const) {
        const text = visible(JSON.stringify(json))
        if (text.length > 290) return
        const told = /<code>([^]*)<\/code>/.exec(side.text)?.[1]?.replaceAll(/<\/?mark>/g, '')
        expect(told).toBe(escaped(text))
      }
    }),
    { numRuns: 500 },
  )
})

describe('a text on the page', () => {
  test.each([
    ['a\u0000b', 'a\\u0000b'],
    ['\u202eevil', '\\u202eevil'],
    ['two\nlines\t', 'two\\u000alines\\u0009'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['half \ud800', 'half \\ud800'],
    ['Ana, 王, 😀, é', 'Ana, 王, 😀, é'],
    ['👩🏽‍🚀 👨‍👩‍👧 a\u200db', '👩🏽‍🚀 👨‍👩‍👧 a\\u200db'],
  ])('shows every character: %j', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test('is cut between characters, never in one', () => {
    expect(short('ab😀cd', 3)).toBe('ab…')
    expect(short('x\\u00e9y', 5)).toBe('x…')
    expect(short('x\\\\u00', 4)).toBe('x\\\\u…')
    expect(short('a\n\n', 8)).toBe('a\\u000a…')
    expect(short('a\u{e0041}b', 8)).toBe('a…')
    expect(short('short')).toBe('short')
  })

  test('names a user by the identifier, not by the JSON around it', () => {
    expect(userText('{"external_id":"u<1>"}').text).toBe('<bdi>u&lt;1&gt;</bdi>')
    expect(userText('{"user_alias":{"alias_name":"a","alias_label":"crm"}}').text).toBe(
      '<bdi>a</bdi> (<bdi>crm</bdi>)',
    )
    expect(userText('').text).toBe('<i>no user</i>')
  })
})

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
