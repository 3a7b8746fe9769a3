import { defaults, exits, perMinute, plan, planText, type Rate } from '../index.ts'
import { plain } from '../report/layout.ts'
import { type Console, sayNext } from './console.ts'
import { quote } from './next.ts'
import { planOptions, type Values } from './options.ts'

/** `track-sync plan`: the first pass alone. */
export async function planCommand(
  files: string[],
  values: Values,
  console: Console,
  signal?: AbortSignal,
): Promise<number> {
  const planned = await plan(await planOptions(files, values), signal)
  const rate = (values['rate'] as Rate | undefined) ?? defaults.rate
  const { paintOut = plain } = console
  console.out(
    console.json
      ? JSON.stringify(publicPlan(planned), null, 2)
      : `${paintOut('bold', 'Plan')}\n${planText(planned, perMinute(rate), false, paintOut)}`,
  )
  if (planned.invalid === 0) return exits.ok.code
  sayNext(
    console,
    `track-sync import ${files.map(quote).join(' ')}   (refused rows are left out; mend them first if you need them)`,
  )
  return exits.attention.code
}

/** The plan without what only the run needs. */
function publicPlan({ busiest: _busiest, ...planned }: Awaited<ReturnType<typeof plan>>) {
  return { ...planned, files: planned.files.map(({ header: _header, ...file }) => file) }
}
