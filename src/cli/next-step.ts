import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Receipt } from '../index.ts'
import { commandLine, type NextStep, nextSteps, type Typed } from '../model/next-command.ts'
import { defaults } from '../options/all-options.ts'
import { settings } from '../options/settings.ts'
import type { Console } from './console.ts'

/** What to type after a run: to look at what came of it, or to go on; one whose journal is damaged is not gone on with. */
export function stepAfter({ folder, reportFolder, facts }: Receipt): NextStep {
  if (facts.status === 'finished' || facts.damage !== null)
    return nextSteps.look(folder, reportFolder === folder ? {} : { redact: true })
  return nextSteps.goOn(folder, facts.stop?.resumeWith)
}

/**
 * What to type where a process is left before it could say where its run lies: the run that was named, if it has begun,
 * or the same again. Nothing has been sent so early.
 */
export function stepAfterLeaving(folder: string | undefined, typed: Typed | undefined): NextStep {
  if (folder !== undefined) return nextSteps.goOn(folder)
  const { 'run-id': id, 'runs-dir': runsDir = defaults.runsDir } = typed?.flags ?? {}
  const named = join(String(runsDir), String(id))
  return id !== undefined && existsSync(named) ? nextSteps.goOn(named) : nextSteps.again()
}

/** The line to paste, with every setting that was given as a flag; those of the environment and of files hold anyway. */
function lineOf({ command }: NextStep, typed: Typed | undefined): string {
  const known = commandLine(command, typed, knows)
  return known ?? commandLine(nextSteps.help(typed?.command ?? '').command) ?? ''
}

function knows(command: string, flag: string): boolean {
  return settings.some(({ name, commands }) => name === flag && commands.some(one => one === command))
}

/** What has to be said before the line, so that nobody has to read it out of the line. */
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
 * The last line on stderr is the command to type next, and nothing else, so that it can be pasted; what there is to say
 * of it stands above. Where nothing has to be done, whoever wants quiet has it.
 */
export function sayNext(console: Console, step: NextStep, isNeeded = true): void {
  const { typed, paint = (_style, text) => text } = console
  const say = isNeeded ? console.error : console.log
  for (const remark of remarksOn(step, typed)) say(remark, { event: 'hint', level: 'info' })
  const line = lineOf(step, typed)
  say(`${paint('bold', 'Next:')} ${line}`, { event: 'next', level: 'info', laidOut: line, step: step.id })
}
