import { describe, expect, test } from 'vitest'
import { createConsole } from '../../src/cli/console.ts'
import { fail } from '../../src/cli/fail.ts'
import { TrackSyncError } from '../../src/index.ts'
import { nextSteps } from '../../src/model/next-command.ts'
import { Screen } from '../support/terminal.ts'
import { printNext } from '../../src/cli/next-step.ts'

const now = () => Date.parse('2024-05-06T07:08:09.000Z')
const problem = new TrackSyncError(
  'column_unknown',
  'customers.csv has no column `extrnal_id`, which is used as an identifier. Did you mean `external_id`?',
  {
    file: 'customers.csv',
    line: 1,
    expected: 'one of `external_id`, `plan`',
    next: nextSteps.list('exports', 'Look for it:'),
  },
)

describe('what goes to stderr', () => {
  test('of a terminal is broken between words, and a command stays on its line', () => {
    const stderr = new Screen(60)
    const console = createConsole({ stderr, color: false })
    fail(problem, console, 'import')
    printNext(console, nextSteps.goOn('x'.repeat(60)))
    expect(stderr.lines).toEqual([
      'track-sync: customers.csv has no column `extrnal_id`, which',
      '  is used as an identifier. Did you mean `external_id`?',
      '  where: customers.csv, line 1',
      '  expected: one of `external_id`, `plan`',
      'Look for it:',
      'Next: ls exports',
      `Next: track-sync resume ${'x'.repeat(60)}`,
    ])
  })

  test('of a file or a pipe keeps a sentence on one line', () => {
    const stderr = new Screen()
    fail(problem, createConsole({ stderr }), 'import')
    expect(stderr.lines[0]).toBe(`track-sync: ${problem.message}`)
  })

  test('as a log is one object a line, which has it all', () => {
    const stderr = new Screen(80)
    const console = createConsole({ stderr, logFormat: 'json', now })
    fail(problem, console, 'import')
    fail(new Error('oops'), console, 'import', 'reports/r')
    const lines = stderr.lines.map(line => JSON.parse(line) as Record<string, unknown>)
    const time = '2024-05-06T07:08:09.000Z'
    expect(lines).toEqual([
      {
        time,
        level: 'error',
        event: 'error',
        message: problem.message,
        code: 'column_unknown',
        file: 'customers.csv',
        line: 1,
        expected: 'one of `external_id`, `plan`',
      },
      { time, level: 'info', event: 'hint', message: 'Look for it:' },
      { time, level: 'info', event: 'next', message: 'ls exports', step: 'list' },
      { time, level: 'error', event: 'bug', message: expect.stringMatching(/^internal error: Error: oops/) },
      { time, level: 'info', event: 'next', message: 'track-sync resume reports/r', step: 'goOn' },
    ])
  })
})

describe('names and values of others', () => {
  // Clears the screen, sets its title, goes back over the line, begins a sequence in one sign, turns text around.
  const hostile = 'a\u001b[2Jb\u001b]0;t\u0007c\rd\u009be\u202ef\tg\nh'
  const shown = 'a·[2Jb·]0;t·c·d·e·f\tg\nh'

  test.each([undefined, 80])('do nothing to a terminal, nor to a file that is shown on one (%s)', columns => {
    const [stderr, stdout] = [new Screen(columns), new Screen(columns)]
    const console = createConsole({ stderr, stdout, color: false })
    console.error(hostile, { laidOut: hostile })
    console.out(hostile)
    expect([stderr.text, stdout.text]).toEqual([`${shown}\n`, `${shown}\n`])
  })

  test('stand next to our colours', () => {
    const text = createConsole({ stderr: new Screen(80) }).paint?.('red', `${hostile}\u001b[8m`) ?? ''
    const stderr = new Screen(80)
    createConsole({ stderr }).error(text, { laidOut: text })
    expect(stderr.text.replaceAll('\u001b[31m', '').replaceAll('\u001b[39m', '')).toBe(`${shown}·[8m\n`)
  })

  test('are the same names and values in JSON', () => {
    const [stderr, stdout] = [new Screen(80), new Screen(80)]
    const console = createConsole({ stderr, stdout, logFormat: 'json', json: true, now })
    console.error(hostile)
    console.out(JSON.stringify({ hostile }))
    for (const { text } of [stderr, stdout]) expect(text.trimEnd()).toMatch(/^[ -~]+$/)
    expect(JSON.parse(stderr.text)).toMatchObject({ message: hostile })
    expect(JSON.parse(stdout.text)).toEqual({ hostile })
  })
})

describe('colours', () => {
  const painted = (color: boolean) => {
    const stderr = new Screen(80)
    printNext(createConsole({ stderr, color }), nextSteps.list('x'))
    return stderr.text
  }

  test('are not for a file, nor for those who do not want them', () => {
    const stderr = new Screen()
    printNext(createConsole({ stderr }), nextSteps.list('x'))
    expect(stderr.text).toBe('Next: ls x\n')
    expect(painted(false)).toBe('Next: ls x\n')
  })

  test('never are in a log', () => {
    const { paint, columns } = createConsole({ stderr: new Screen(80), logFormat: 'json' })
    expect([paint?.('red', 'x'), columns]).toEqual(['x', undefined])
  })
})
