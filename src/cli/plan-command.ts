import { defaults, type ErrorBudget, exits, perMinute, type Plan, plan, planText } from '../index.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { spentByPlan } from '../model/progress.ts'
import { plain } from '../report/layout.ts'
import { count } from '../report/summary-text.ts'
import type { Console } from './console.ts'
import { printNext } from './next-step.ts'
import { stoppable } from './signals.ts'
import { planOptions, type Values } from './to-options.ts'

/** `track-sync plan`: the first pass alone, a dry run. */
export async function planCommand(files: string[], values: Values, console: Console): Promise<number> {
  return await stoppable(console, 'Nothing was sent.', async signal => {
    const planned = await plan(await planOptions(files, values), signal)
    return printPlanned(planned, values, console)
  })
}

function printPlanned(planned: Plan, values: Values, console: Console): number {
  const { rate = defaults.rate, maxErrors = defaults.maxErrors } = values
  const { paintOut = plain } = console
  console.out(
    console.json
      ? JSON.stringify(publicPlan(planned), null, 2)
      : `${paintOut('bold', 'Plan')}\n${planText(planned, perMinute(rate), false, paintOut, maxErrors)}`,
  )
  if (planned.invalid === 0) return exits.ok.code
  printNext(console, stepAfterPlan(planned, maxErrors))
  return exits.attention.code
}

/** Some rows are invalid: send the others, or fix these first. */
function stepAfterPlan(planned: Plan, maxErrors: ErrorBudget): NextStep {
  if (planned.requests === 0) return nextSteps.again('Every row is invalid. Fix them, then plan again:')
  const overspent = spentByPlan(planned, maxErrors)
  if (overspent === undefined)
    return nextSteps.send('Invalid rows are left out. Fix them first if you need them, or send the rest:', {})
  const { allowed, needed } = overspent
  const advice = `${count(planned.invalid, 'row')} invalid, with an error budget of ${allowed}. Fix them first, or allow more errors:`
  return nextSteps.send(advice, { 'max-errors': String(needed) })
}

/** The plan without the parts that only a run needs. */
function publicPlan({ busiest: _busiest, ...planned }: Plan) {
  return { ...planned, files: planned.files.map(({ header: _header, ...file }) => file) }
}
