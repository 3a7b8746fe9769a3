import { expect, test } from 'vitest'
import { fail } from '../../src/cli/fail.ts'
import type { Console } from '../../src/cli/console.ts'
import { TrackSyncError } from '../../src/index.ts'
import { nextSteps, type Typed } from '../../src/model/next-command.ts'

test('a bug of ours is exit 70, asks to be reported, and ends with how to go on', () => {
  const begun = told(new Error('oops'), 'import', "reports/it's mine")
  expect(begun.code).toBe(70)
  expect(begun.lines[0]).toMatch(/internal error: Error: oops/)
  expect(begun.lines.at(-1)).toBe(String.raw`Next: track-sync resume 'reports/it'\''s mine'`)
  expect(told(new Error('oops'), 'plan').lines.at(-1)).toBe('Next: track-sync plan --help')
})

test('an audit that broke off is started again, whatever it was that broke it', () => {
  const typed = { command: 'audit', operands: ['a.csv'], flags: { 'run-id': 'r', 'lookup-rate': '40/s' } }
  const next = 'Next: track-sync audit a.csv --lookup-rate 40/s'
  const full = new TrackSyncError('run_disk_full', 'The disk is full.', { next: nextSteps.goOn('reports/r') })
  for (const error of [new Error('oops'), full, new TrackSyncError('file_changed', 'It has changed.')])
    expect(told(error, 'audit', 'reports/r', typed).lines.at(-1)).toBe(next)
})

test.each([
  ['run_in_use', 'resume', 6],
  ['run_not_found', 'resume', 6],
  ['run_not_found', 'report', 2],
  ['run_not_writable', 'import', 2],
  ['run_disk_full', 'import', 3],
  ['run_disk_full', 'resume', 3],
  ['settings_invalid', 'resume', 2],
] as const)('%s is told by %s with exit %i', (problem, command, code) => {
  expect(told(new TrackSyncError(problem, 'No.'), command).code).toBe(code)
})

function told(
  error: unknown,
  command: string,
  folder?: string,
  typed?: Typed,
): { code: number; lines: string[] } {
  const lines: string[] = []
  const console: Console = {
    out: () => {},
    log: () => {},
    error: line => void lines.push(line),
    quiet: false,
    json: false,
    ...(typed === undefined ? {} : { typed }),
  }
  return { code: fail(error, console, command, folder), lines }
}
