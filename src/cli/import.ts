import { createInterface } from 'node:readline/promises'
import {
  defaults,
  exits,
  findRunFolder,
  importFiles,
  type ImportOptions,
  perMinute,
  type Plan,
  plan,
  planText,
  type Rate,
} from '../index.ts'
import type { Console } from './console.ts'
import { importOptions, readReadings, type Values } from './options.ts'
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
      const say = (planned: Plan) => `Plan\n${planText(planned, perMinute(rate), isMost)}\n`
      const asks =
        sandbox === undefined && values['yes'] !== true && process.stdin.isTTY && process.stderr.isTTY
      if (!asks) {
        const onPlan: ImportOptions['onPlan'] = planned => console.log(say(planned))
        return await importFiles({ ...options, onPlan })
      }
      const planned = await plan(options)
      process.stderr.write(`${say(planned)}\n`)
      if (await agreed(`Send ${isMost ? 'at most ' : ''}${planned.requests} requests to ${options.url}?`)) {
        return await importFiles({ ...options, plan: planned })
      }
      console.error('Nothing was sent.')
      console.error(`Next: track-sync import ${files.join(' ')} --yes   (with the same settings)`)
      return exits.usage.code
    })
  } finally {
    await sandbox?.close()
  }
}

/** The run whose verified values need not be sent again; found before this one begins, or `latest` would be this one. */
async function earlierRun({ skipUnchanged, runsDir = defaults.runsDir }: Values) {
  if (typeof skipUnchanged !== 'string') return {}
  return { skipUnchanged: await findRunFolder(String(runsDir), skipUnchanged) }
}

/** Anything but yes is no; so is Ctrl-C, and an input that ends. */
async function agreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new Promise<string>(resolve => {
    terminal.once('SIGINT', () => terminal.close()).once('close', () => resolve(''))
  })
  const answer = await Promise.race([terminal.question(`${question} [y/N] `), left])
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
