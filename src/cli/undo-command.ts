import { defaults, exits, readRun, undo, type UndoOptions, type UndoPlan } from '../index.ts'
import { nextSteps } from '../model/next-command.ts'
import { namesFor } from '../options/all-options.ts'
import { undoText } from '../report/undo-text.ts'
import { count } from '../report/summary-text.ts'
import type { Console } from './console.ts'
import { findRun } from './find-run.ts'
import { printNext } from './next-step.ts'
import { confirmed } from './print-plan.ts'
import { sendWithProgress } from './sending.ts'
import { readTarget } from './target.ts'
import { pick, type Values } from './to-options.ts'

/** `track-sync undo`: puts back what a run changed, where it still stands; asks if there is a terminal to ask on. */
export async function undoCommand(
  [run = 'latest']: string[],
  values: Values,
  console: Console,
): Promise<number> {
  return await sendWithProgress('undo', values, console, async hooks => {
    const { runsDir = defaults.runsDir, yes = false } = values
    const folder = await findRun(runsDir, run)
    const head = await readRun(folder)
    const target = await readTarget({ ...(head === undefined ? {} : { url: head.url }), ...values })
    let answer: 'declined' | 'nothing' | undefined
    const agree = async (planned: UndoPlan): Promise<boolean> => {
      console.error(`Undo of ${folder}\n${undoText(planned, console.paint)}`, {
        event: 'undo',
        ...planned,
        level: 'info',
      })
      if (planned.values === 0) answer = 'nothing'
      if (planned.values === 0 || yes || !process.stdin.isTTY || !process.stderr.isTTY) return true
      const question = `Put back ${count(planned.values, 'value')} of ${count(planned.users, 'user')}?`
      if (await confirmed(question, console, hooks.stop.signal)) return true
      hooks.stop.signal.throwIfAborted()
      answer = 'declined'
      return false
    }
    const options: UndoOptions = { ...pick(values, namesFor('undo')), ...target, ...hooks, agree }
    const receipt = await undo(folder, options)
    if (receipt !== undefined) return receipt
    console.error('Nothing was sent.', { event: answer ?? 'nothing', level: 'info' })
    if (answer === 'declined') printNext(console, nextSteps.sendUnasked({}))
    return answer === 'declined' ? exits.usage.code : exits.ok.code
  })
}
