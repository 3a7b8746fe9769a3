import { expect, test } from 'vitest'
import { fail } from '../../src/cli/fail.ts'
import type { Console } from '../../src/cli/console.ts'
import { TrackSyncError } from '../../src/index.ts'

test('a bug of ours is exit 70, asks to be reported, and ends with how to go on', () => {
  const begun = told(new Error('oops'), 'import', "reports/it's mine")
  expect(begun.code).toBe(70)
  expect(begun.lines[0]).toMatch(/internal error: Error: oops/)
  expect(begun.lines.at(-1)).toBe(String.raw`Next: track-sync resume 'reports/it'\''s mine'`)
  expect(told(new Error('oops'), 'plan').lines.at(-1)).toBe('Next: track-sync plan --help')
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

function told(error: unknown, command: string, folder?: string): { code: number; lines: string[] } {
  const lines: string[] = []
  const console: Console = {
    out: () => {},
    log: () => {},
    error: line => void lines.push(line),
    quiet: false,
    json: false,
  }
  return { code: fail(error, console, command, folder), lines }
}
