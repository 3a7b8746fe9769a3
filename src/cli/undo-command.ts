import { defaults, exits, readRun, TrackSyncError, undo, type UndoOptions, type UndoPlan } from '../index.ts'
import { nextSteps } from '../model/next-command.ts'
import { namesFor } from '../options/all-options.ts'
import { shortUndo, undoText } from '../report/undo-text.ts'
import { count } from '../report/summary-text.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { printNext } from './next-step.ts'
import { confirmed } from './print-plan.ts'
import { sendWithProgress } from './sending.ts'
import { readTarget, sandboxTarget } from './target.ts'
import { pick, type Values } from './to-options.ts'

/** `track-sync undo`: puts back what a run changed, where it still stands; asks if there is a terminal to ask on. */
export async function undoCommand(
  [run = 'latest']: string[],
  values: Values,
  console: Console,
): Promise<number> {
  let hasFailed = false
  const code = await sendWithProgress('undo', values, console, async hooks => {
    const { runsDir = defaults.runsDir, yes = false } = values
    const folder = await findRun(runsDir, run)
    const head = await readRun(folder)
    if (head?.target === sandboxTarget) throw sandboxGone(folder)
    const target = await readTarget({ ...(head === undefined ? {} : { url: head.url }), ...values })
    let ending: 'declined' | 'nothing' = 'nothing'
    const agree = async (planned: UndoPlan): Promise<boolean> => {
      const text = `Undo of ${folder}\n${undoText(planned, console.paint)}`
      // Shown even with --quiet: what stays must be said before anything is sent.
      const logMessage = `Undo of ${folder}: ${shortUndo(planned)}.`
      console.error(text, { event: 'undo', level: 'info', logMessage, run: folder, ...planned })
      hasFailed = planned.left.lookup_failed > 0
      if (planned.values === 0 || yes || !process.stdin.isTTY || !process.stderr.isTTY) return true
      const question = `Put back ${count(planned.values, 'value')} of ${count(planned.users, 'user')}?`
      if (await confirmed(question, console, hooks.stop.signal)) return true
      hooks.stop.signal.throwIfAborted()
      ending = 'declined'
      return false
    }
    const options: UndoOptions = { ...pick(values, namesFor('undo')), ...target, ...hooks, agree }
    const receipt = await undo(folder, options)
    if (receipt !== undefined) return receipt
    console.error('Nothing was sent.', { event: ending, level: 'info' })
    if (ending === 'nothing') return exits.ok.code
    printNext(console, nextSteps.sendUnasked({}))
    return exits.usage.code
  })
  // What could not be read needs another look, however well the rest went.
  return code === exits.ok.code && hasFailed ? exits.attention.code : code
}

function sandboxGone(folder: string): TrackSyncError {
  const message = `${folder} was sent to a sandbox that ended with it, and its profiles with that.`
  return new TrackSyncError('run_not_undoable', message, { file: folder, next: nextSteps.look(folder) })
}
