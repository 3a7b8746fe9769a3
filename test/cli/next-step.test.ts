import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { stepAfter, stepAfterExit } from '../../src/cli/next-step.ts'
import type { Receipt } from '../../src/index.ts'
import { quote } from '../../src/model/next-command.ts'
import type { RunFacts } from '../../src/model/run-facts.ts'
import { Tally } from '../../src/report/tally.ts'
import { runFacts } from '../support/build.ts'

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

test('a finished audit shows its report; one that was interrupted is started again, and never resumed', () => {
  const typed = (command: string) => ({ command, operands: ['a.csv'], flags: {} })
  const interrupted = { isAudit: true, status: 'interrupted' } as const
  expect(stepAfter(receipt({ isAudit: true }), typed('audit')).id).toBe('look')
  expect(stepAfter(receipt(interrupted), typed('audit')).id).toBe('auditAgain')
  expect(stepAfter(receipt({ isAudit: true, status: null }), typed('audit')).id).toBe('auditAgain')
  // The command that made it is not known to one that reports it.
  expect(stepAfter(receipt(interrupted), typed('report')).id).toBe('look')
  expect(stepAfter(receipt({ status: 'interrupted' }), typed('import')).id).toBe('goOn')
  expect(stepAfterExit('reports/r', typed('audit')).id).toBe('auditAgain')
  expect(stepAfterExit('reports/r', typed('import')).id).toBe('goOn')
})

function receipt(more: Partial<RunFacts>): Receipt {
  const facts = runFacts(0, more)
  const summary = new Tally().summary(facts)
  return { folder: 'reports/r', reportFolder: 'reports/r', files: [], summary, facts }
}
