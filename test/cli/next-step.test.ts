import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { quote } from '../../src/model/next-command.ts'

test('a shell reads a name in the next command back as it is, and nobody has to see its control characters', () => {
  const names = [
    'plain.csv',
    "it's mine",
    'ação 2.csv',
    'a$b`c"d',
    'tab\there',
    "\u001b[2J'x\\n\n.csv",
    '\u009bm',
    'no\u00a0break, \u200bnothing, \u202eturned',
    'wow!!',
    '!$x\n',
    '=cut',
    '~/a',
    '*?[a]{b,c}',
    '',
    '🙂.csv',
  ]
  const line = names.map(name => quote(name)).join(' ')
  expect(line).not.toMatch(/[\p{Cc}\u00a0\u200b\u202e]/u)
  // However the shell takes letters to be written.
  for (const LC_ALL of ['C.UTF-8', 'C']) {
    const printed = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL },
    })
    expect(printed.split('\0').slice(0, -1)).toEqual(names)
  }
})
