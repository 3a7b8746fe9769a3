import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  audit,
  auditRun,
  type AuditRunOptions,
  defaults,
  findRunFolder,
  type Plan,
  type Receipt,
  TrackSyncError,
} from '../index.ts'
import { journalName } from '../journal/folder.ts'
import { nearest } from '../map/nearest.ts'
import { namesFor } from '../options/all-options.ts'
import { type Origins, settleConflicts } from '../options/conflicts.ts'
import { settings } from '../options/settings.ts'
import type { Console } from './console.ts'
import { namesIn } from './fail.ts'
import { findRun } from './find-run.ts'
import { printPlan } from './print-plan.ts'
import { type Hooks, sendWithProgress } from './sending.ts'
import { readTarget } from './target.ts'
import { auditOptions, pick, type Values } from './to-options.ts'

/** `track-sync audit`: compares files, or an earlier run, with the profiles, and writes nothing to them. */
export async function auditCommand(
  operands: string[],
  given: Values,
  console: Console,
  origins: Origins = new Map(),
): Promise<number> {
  return await sendWithProgress('audit', given, console, async hooks => {
    const values = settleConflicts(given, origins)
    const { runsDir = defaults.runsDir, against } = values
    const earlier = await runAmong(operands, runsDir)
    if (earlier !== undefined) refuseReading(origins)
    const terms = { perMinute: null, isMost: false, maxErrors: defaults.maxErrors }
    const onPlan = (planned: Plan) => printPlan(planned, terms, console)
    const target = against === undefined ? await readTarget(values, 'users.export.ids') : {}
    if (earlier === undefined)
      return await audit({ ...(await auditOptions(operands, values)), ...target, ...hooks, onPlan })
    return await auditEarlier(earlier, values, { ...target, ...hooks })
  })
}

async function auditEarlier(
  folder: string,
  values: Values,
  more: Pick<AuditRunOptions, 'url' | 'key'> & Hooks,
): Promise<Receipt> {
  const { url: _url, ...set } = pick(values, namesFor('auditRun'))
  return await auditRun(folder, { ...set, ...more })
}

/** The folder of the run that is meant; undefined where files are. A name that is both has to be told apart. */
async function runAmong(operands: readonly string[], runsDir: string): Promise<string | undefined> {
  const [name = ''] = operands
  if (operands.length !== 1 || name === '-') return undefined
  const isFile = existsSync(name) && !existsSync(join(name, journalName))
  const isPath = /[/\\]/.test(name)
  if (isFile && isPath) return undefined
  const folder = await findRunFolder(runsDir, name).catch(notFound)
  if (isFile && folder !== undefined) throw ambiguous(name, folder)
  if (isFile || folder !== undefined) return folder
  // Neither a file nor a run: what it resembles is what was meant.
  const isRun = name === 'latest' || nearest(name, ['latest', ...namesIn(runsDir)]) !== undefined
  return isRun ? await findRun(runsDir, name) : undefined
}

function notFound(error: unknown): undefined {
  if (error instanceof TrackSyncError && error.code === 'run_not_found') return undefined
  throw error
}

function ambiguous(name: string, folder: string): TrackSyncError {
  const message = `\`${name}\` is the name of a file and of a run.`
  return new TrackSyncError('settings_invalid', message, {
    expected: `./${name} for the file, or ${folder} for the run`,
    came: name,
  })
}

/** A run is compared as it was read; a flag that says how to read would have no effect. */
function refuseReading(origins: Origins): void {
  const known = new Set(namesFor('auditRun'))
  const ofFiles = namesFor('audit').filter(name => !known.has(name))
  const flag = settings.find(({ option }) => ofFiles.includes(option) && origins.get(option) === 'flag')
  if (flag === undefined) return
  const message = `--${flag.name} says how to read files, and a run is compared as it was read.`
  throw new TrackSyncError('settings_invalid', message, {
    field: flag.name,
    expected: `a run without --${flag.name}, or files`,
  })
}
