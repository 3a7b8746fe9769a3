import { endpoints } from '../braze/endpoints.ts'
import { limits } from '../braze/limits.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Values } from './declared.ts'
import type { OptionName } from './option.ts'
import { settings } from './settings.ts'

/** Where a value was set, unless in a program. */
export type Origin = 'flag' | 'env' | 'file'
export type Origins = ReadonlyMap<OptionName, Origin>

/** Two settings that contradict each other. */
interface Conflict {
  between: readonly [OptionName, OptionName]
  /** Whether these values contradict each other. Default: both are set, and neither is off. */
  when?: (values: Values) => boolean
  /** The rule that they break, in one sentence. */
  rule: string
  expected: string
  next?: NextStep
  /**
   * The second is ignored if it comes from the environment: what is exported there is meant for every command, not for
   * this one in particular.
   */
  yields?: true
  /** Only a program can set these. */
  programOnly?: true
}

const sandboxOnly = {
  rule: 'a run goes to the sandbox or to a host',
  expected: 'one of the two',
  yields: true,
} as const

const diskOnly = {
  rule: 'an export on disk is compared without the API',
  expected: '--against alone',
  yields: true,
} as const

const readsProfiles = {
  rule: 'without lookups no profile is read',
  expected: 'one of the two',
} as const

/** All conflicts, for flags, variables, settings file and library. */
export const conflicts: readonly Conflict[] = [
  { ...sandboxOnly, between: ['sandbox', 'url'] },
  { ...sandboxOnly, between: ['sandbox', 'apiKeyFile'], rule: 'the sandbox accepts any key' },
  { ...sandboxOnly, between: ['sandbox', 'proxy'], rule: 'the sandbox runs in this process' },
  { ...diskOnly, between: ['against', 'url'] },
  { ...diskOnly, between: ['against', 'apiKeyFile'] },
  { ...diskOnly, between: ['against', 'proxy'] },
  { ...diskOnly, between: ['against', 'key'], expected: '`against` alone', programOnly: true },
  {
    between: ['once', 'runId'],
    rule: '`once` names the run after the content of its files',
    expected: '--once without --run-id',
  },
  {
    between: ['rate', 'url'],
    when: ({ rate, url }) => rate === 'off' && url !== undefined && !isThisMachine(url),
    rule: '`rate` can be off only for a host on this machine',
    expected: 'a number for a real host',
    next: nextSteps.limitRate(String(limits.requestsPerMinute.max)),
  },
  {
    between: ['lookupRate', 'url'],
    when: ({ lookupRate, url }) => lookupRate === 'off' && url !== undefined && !isThisMachine(url),
    rule: '`lookup-rate` can be off only for a host on this machine',
    expected: 'a number for a real host',
    next: nextSteps.limitLookups(String(endpoints.exportIds.rate.requests)),
  },
  { ...readsProfiles, between: ['noLookups', 'snapshot'] },
  { ...readsProfiles, between: ['noLookups', 'onlyUnknown'] },
  {
    ...readsProfiles,
    between: ['noLookups', 'verify'],
    when: ({ noLookups, verify }) => noLookups === true && verify === 'profile',
  },
  {
    between: ['delimiter', 'format'],
    when: ({ delimiter, format }) => delimiter !== undefined && format !== undefined && format !== 'csv',
    rule: 'only CSV has a delimiter',
    expected: 'one of the two, or csv',
  },
  {
    between: ['mappingFile', 'mapping'],
    when: ({ mappingFile, mapping }) => mappingFile !== undefined && mapping === undefined,
    rule: '`mappingFile` only names the file that `mapping` was read from',
    expected: 'the mapping itself: readMapping(text, file)',
    programOnly: true,
  },
]

/** Refuses values that contradict each other. */
export function refuseConflicts(values: Values): void {
  for (const conflict of conflicts) if (contradicts(conflict, values)) throw conflictError(conflict, values)
}

/**
 * The same for settings from different places; the result leaves out those that yield. Conflicts that only a program can
 * cause are skipped.
 */
export function settleConflicts(values: Values, origins: Origins = new Map()): Values {
  const settled = { ...values }
  for (const conflict of conflicts) {
    if (conflict.programOnly === true || !contradicts(conflict, settled)) continue
    const [, second] = conflict.between
    if (conflict.yields !== true || origins.get(second) !== 'env')
      throw conflictError(conflict, settled, origins)
    delete settled[second]
  }
  return settled
}

function contradicts({ between, when }: Conflict, values: Values): boolean {
  if (when !== undefined) return when(values)
  return between.every(name => values[name] !== undefined && values[name] !== false)
}

function conflictError(
  { between, rule, expected, next }: Conflict,
  values: Values,
  origins?: Origins,
): TrackSyncError {
  const [first, second] = between.map(name => sourceOf(name, origins?.get(name)))
  const both = values[between[1]] !== undefined
  const came = both ? `${first} and ${second}` : `${first} alone`
  const message = both ? `${came} contradict each other: ${rule}.` : `${came} is not enough: ${rule}.`
  return new TrackSyncError('settings_invalid', message, {
    field: nameOf(between[0], origins),
    expected,
    came,
    ...(next === undefined ? {} : { next }),
  })
}

/** A setting by its source: the flag, the variable, or the line of the file. */
function sourceOf(name: OptionName, origin: Origin | undefined): string {
  const setting = settings.find(({ option }) => option === name)
  if (setting === undefined || origin === undefined) return `\`${name}\``
  if (origin === 'flag') return `--${setting.name}`
  return origin === 'env' ? setting.env : `\`${setting.name}\` in the settings file`
}

function nameOf(name: OptionName, origins: Origins | undefined): string {
  const setting = settings.find(({ option }) => option === name)
  return origins === undefined || setting === undefined ? name : setting.name
}

/** A host on this machine, so that the key never leaves it. */
export function isThisMachine(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
}
