import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Receipt } from '../index.ts'
import { commandLine, type NextStep, nextSteps, type Typed } from '../model/next-command.ts'
import { defaults } from '../options/all-options.ts'
import { settings } from '../options/settings.ts'
import type { Console } from './console.ts'

/**
 * What to type after a run: look at its report, or resume it. One with a damaged journal cannot be resumed, and an audit is
 * started again.
 */
export function stepAfter({ folder, reportFolder, facts }: Receipt, typed?: Typed): NextStep {
  if (facts.isAudit && facts.status !== 'finished' && typed?.command === 'audit')
    return nextSteps.auditAgain()
  if (facts.status === 'finished' || facts.damage !== null || facts.isAudit)
    return nextSteps.look(folder, reportFolder === folder ? {} : { redact: true })
  return nextSteps.goOn(folder, facts.stop?.resumeWith)
}

/**
 * What to type if a process exits before it could name the folder of its run: resume the run that was named, if it has
 * begun, or repeat the command. Nothing has been sent so early.
 */
export function stepAfterExit(folder: string | undefined, typed: Typed | undefined): NextStep {
  if (typed?.command === 'audit') return nextSteps.auditAgain()
  if (folder !== undefined) return nextSteps.goOn(folder)
  const { 'run-id': id, 'runs-dir': runsDir = defaults.runsDir } = typed?.flags ?? {}
  const named = join(String(runsDir), String(id))
  return id !== undefined && existsSync(named) ? nextSteps.goOn(named) : nextSteps.again()
}

/** The line to paste, with every setting that was given as a flag; those from the environment and files still apply. */
function lineOf({ command }: NextStep, typed: Typed | undefined): string {
  const known = commandLine(command, typed, knows)
  return known ?? commandLine(nextSteps.help(typed?.command ?? '').command) ?? ''
}

function knows(command: string, flag: string): boolean {
  return settings.some(({ name, commands }) => name === flag && commands.some(one => one === command))
}

/** What the line itself does not say. */
function remarksOn({ advice, command }: NextStep, typed: Typed | undefined): string[] {
  const isRepeated = command.does === 'again' && typed !== undefined
  const isPiped = isRepeated && command.piped === undefined && typed.operands.includes('-')
  const withheld = (typed?.withheld ?? []).map(name => `--${name} contains a password; add it yourself.`)
  return [
    ...(advice === undefined ? [] : [advice]),
    ...(isPiped ? ['Pipe the same rows in again.'] : []),
    ...(command.does === 'again' || command.does === 'run' ? withheld : []),
  ]
}

/**
 * The last line on stderr is the command to type next and nothing else, so that it can be pasted; remarks come before it.
 * If nothing has to be done, --quiet hides it.
 */
export function printNext(console: Console, step: NextStep, isNeeded = true): void {
  const { typed, paint = (_style, text) => text } = console
  const print = isNeeded ? console.error : console.log
  for (const remark of remarksOn(step, typed)) print(remark, { event: 'hint', level: 'info' })
  const line = lineOf(step, typed)
  print(`${paint('bold', 'Next:')} ${line}`, {
    event: 'next',
    level: 'info',
    logMessage: line,
    step: step.id,
  })
}
