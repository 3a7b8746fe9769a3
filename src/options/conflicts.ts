import { limits } from '../braze/limits.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Values } from './declared.ts'
import type { OptionName } from './option.ts'
import { settings } from './settings.ts'

/** Where a value was said, if that was not in a program. */
export type Origin = 'flag' | 'env' | 'file'
export type Origins = ReadonlyMap<OptionName, Origin>

/** Two settings that cannot both be meant. */
interface Conflict {
  between: readonly [OptionName, OptionName]
  /** Whether these values contradict each other. Default: both were said, and neither says off. */
  when?: (values: Values) => boolean
  /** What cannot be, in one sentence. */
  says: string
  expected: string
  next?: NextStep
  /**
   * The second gives way where it stands in the environment alone: what is exported there is meant for every command,
   * and says nothing of this one.
   */
  givesWay?: true
  /** Nobody but a program can say these. */
  ofPrograms?: true
}

const sandboxAlone = {
  says: 'a run goes to the sandbox or to a host',
  expected: 'one of the two',
  givesWay: true,
} as const

/** All of them, for flags, variables, settings file and library alike. */
export const conflicts: readonly Conflict[] = [
  { ...sandboxAlone, between: ['sandbox', 'url'] },
  { ...sandboxAlone, between: ['sandbox', 'apiKeyFile'], says: 'the sandbox accepts any key' },
  { ...sandboxAlone, between: ['sandbox', 'proxy'], says: 'the sandbox runs in this process' },
  {
    between: ['once', 'runId'],
    says: '`once` names the run after the content of its files',
    expected: '--once without --run-id',
  },
  {
    between: ['rate', 'url'],
    when: ({ rate, url }) => rate === 'off' && url !== undefined && !isThisMachine(url),
    says: '`rate` can be off only for a host on this machine',
    expected: 'a number for a real host',
    next: nextSteps.limitRate(String(limits.requestsPerMinute.max)),
  },
  {
    between: ['delimiter', 'format'],
    when: ({ delimiter, format }) => delimiter !== undefined && format !== undefined && format !== 'csv',
    says: 'only CSV has a delimiter',
    expected: 'one of the two, or csv',
  },
  {
    between: ['mappingFile', 'mapping'],
    when: ({ mappingFile, mapping }) => mappingFile !== undefined && mapping === undefined,
    says: '`mappingFile` only names the file that `mapping` was read from',
    expected: 'the mapping itself: readMapping(text, file)',
    ofPrograms: true,
  },
]

/** Refuses values that contradict each other. */
export function refuseConflicts(values: Values): void {
  for (const conflict of conflicts) if (contradicts(conflict, values)) throw conflictError(conflict, values)
}

/**
 * The same for settings that were said in different places; those that give way are left out of what it gives back. What
 * only a program can say is not looked at.
 */
export function settleConflicts(values: Values, origins: Origins = new Map()): Values {
  const left = { ...values }
  for (const conflict of conflicts) {
    if (conflict.ofPrograms === true || !contradicts(conflict, left)) continue
    const [, second] = conflict.between
    if (conflict.givesWay !== true || origins.get(second) !== 'env')
      throw conflictError(conflict, left, origins)
    delete left[second]
  }
  return left
}

function contradicts({ between, when }: Conflict, values: Values): boolean {
  if (when !== undefined) return when(values)
  return between.every(name => values[name] !== undefined && values[name] !== false)
}

function conflictError(
  { between, says, expected, next }: Conflict,
  values: Values,
  origins?: Origins,
): TrackSyncError {
  const [first, second] = between.map(name => said(name, origins?.get(name)))
  const both = values[between[1]] !== undefined
  const came = both ? `${first} and ${second}` : `${first} alone`
  const message = both ? `${came} contradict each other: ${says}.` : `${came} is not enough: ${says}.`
  return new TrackSyncError('settings_invalid', message, {
    field: nameOf(between[0], origins),
    expected,
    came,
    ...(next === undefined ? {} : { next }),
  })
}

/** A setting as it was said: the flag, the variable, or the line of the file. */
function said(name: OptionName, origin: Origin | undefined): string {
  const setting = settings.find(({ option }) => option === name)
  if (setting === undefined || origin === undefined) return `\`${name}\``
  if (origin === 'flag') return `--${setting.name}`
  return origin === 'env' ? setting.env : `\`${setting.name}\` in the settings file`
}

function nameOf(name: OptionName, origins: Origins | undefined): string {
  const setting = settings.find(({ option }) => option === name)
  return origins === undefined || setting === undefined ? name : setting.name
}

/** A host that no key travels to any other machine for. */
export function isThisMachine(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
}
