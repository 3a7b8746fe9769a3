import {
  defaults,
  exits,
  importFiles,
  type ImportOptions,
  perMinute,
  type Plan,
  plan,
  type Rate,
} from '../index.ts'
import { agreed } from './ask.ts'
import { type Console, sayNext } from './console.ts'
import { findRun } from './find-run.ts'
import { quote } from './next.ts'
import { importOptions, readReadings, type Values } from './options.ts'
import { sayPlan, sayQuestion } from './say-plan.ts'
import { sendAloud } from './sending.ts'
import { readTarget, sandboxFor, targetOf } from './target.ts'

/** `track-sync import`: the whole river, with a question before it where somebody is there to answer. */
export async function importCommand(files: string[], values: Values, console: Console): Promise<number> {
  const rate = (values['rate'] as Rate | undefined) ?? defaults.rate
  const sandbox = values['sandbox'] === true ? await sandboxFor(rate, readReadings(values)) : undefined
  try {
    return await sendAloud('import', values, console, async hooks => {
      const options: ImportOptions = {
        ...(await importOptions(files, values)),
        ...(sandbox === undefined ? await readTarget(values) : targetOf(sandbox)),
        ...(await earlierRun(values)),
        ...hooks,
      }
      const isMost = options.coalesce === true || options.skipUnchanged !== undefined
      const asks =
        sandbox === undefined && values['yes'] !== true && process.stdin.isTTY && process.stderr.isTTY
      if (!asks) {
        const onPlan = (planned: Plan) => sayPlan(planned, perMinute(rate), isMost, console)
        return await importFiles({ ...options, onPlan })
      }
      const planned = await plan(options)
      // Who is asked must see what about, quiet or not.
      sayPlan(planned, perMinute(rate), isMost, console, true)
      if (await agreed(sayQuestion(planned, options.url, isMost), console)) {
        return await importFiles({ ...options, plan: planned })
      }
      console.error('Nothing was sent.', { event: 'declined', level: 'info' })
      sayNext(console, `track-sync import ${files.map(quote).join(' ')} --yes   (with the same settings)`)
      return exits.usage.code
    })
  } finally {
    await sandbox?.close()
  }
}

/** The run whose verified values need not be sent again; found before this one begins, or `latest` would be this one. */
async function earlierRun({ skipUnchanged, runsDir = defaults.runsDir }: Values) {
  if (typeof skipUnchanged !== 'string') return {}
  return { skipUnchanged: await findRun(String(runsDir), skipUnchanged) }
}
