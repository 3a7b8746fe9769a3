import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { table, wrap } from '../../src/report/layout.ts'

test('a text is broken between words, and what follows is indented', () => {
  expect(wrap('  one two three four five', 4, 14)).toEqual(['  one two', '    three four', '    five'])
  expect(wrap('short')).toEqual(['short'])
})

test('a word that is wider than the line stays whole', () => {
  const word = 'x'.repeat(100)
  expect(wrap(`see ${word} there`, 2)).toEqual(['see', `  ${word}`, '  there'])
})

test('a table stands in columns, whatever is in its cells', () => {
  const rows = [
    ['name', 'rows', 'what it is'],
    ['名前', '7', 'a word'],
    ['party 🎉', '1,200', 'a word and a sign'],
    ['e\u0301te\u0301', '10', ''],
  ]
  expect(table(rows, 2, [1]).flat()).toEqual([
    '  name       rows  what it is',
    '  名前          7  a word',
    '  party 🎉  1,200  a word and a sign',
    '  e\u0301te\u0301          10',
  ])
})

test('its last column is broken at 80, and a first cell that is too long has a line of its own', () => {
  const [first = [], second = []] = table(
    [
      ['a name that is far longer than a name should be', 'word '.repeat(30)],
      ['b', 'c'],
    ],
    2,
  )
  expect(first[0]).toBe('  a name that is far longer than a name should be')
  expect(first.slice(1).map(line => line.startsWith('     word'))).toEqual([true, true])
  expect(first.every(line => stringWidth(line) <= 80)).toBe(true)
  expect(second).toEqual(['  b  c'])
})

test('colours take no room', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`
  expect(
    table(
      [
        [red('ab'), 'x'],
        ['abc', 'y'],
      ],
      0,
    ).flat(),
  ).toEqual([`${red('ab')}   x`, 'abc  y'])
})
