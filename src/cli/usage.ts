import type { CommanderError } from 'commander'
import { nearest } from '../map/nearest.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { table } from '../options/all-options.ts'
import { prefix, settings } from '../options/settings.ts'

/** Commander's error in our own words, with the nearest right word. */
export function usageError({ code, message }: CommanderError, command: string, names: readonly string[]) {
  const text = message.replace(/^error: /, '').replace(/\n\(Did you mean .*\)$/, '')
  const [, word = ''] = /'(.+?)'/.exec(text) ?? []
  if (code === 'commander.unknownOption') return unknownFlag(word.replace(/=.*/, ''), command)
  if (code === 'commander.unknownCommand')
    return usageProblem(`unknown command '${word}'.${suggest(word, names)}`)
  return usageProblem(`${text.replace(/\.$/, '')}.`)
}

/** Flags that people try, and what to use instead. */
const alternatives: Record<string, { hint: string; next: string | NextStep }> = {
  '--api-key': {
    hint: 'The key is never a flag: everyone on this machine could see it.',
    next: 'Set BRAZE_API_KEY, or name a file with the key: --api-key-file FILE.',
  },
  '--dry-run': { hint: 'The dry run is a command of its own: plan.', next: nextSteps.help('plan') },
  '--verbose': { hint: 'Every request and response is in the journal of the run.', next: nextSteps.help('') },
}

function unknownFlag(flag: string, command: string): TrackSyncError {
  const alternative = alternatives[flag]
  if (alternative !== undefined)
    return usageProblem(`unknown option '${flag}'. ${alternative.hint}`, { next: alternative.next })
  const own = settings.filter(({ commands }) => commands.some(name => name === command))
  const others = settings.flatMap(({ name, commands }) => (`--${name}` === flag ? commands : []))
  if (others.length > 0) {
    const here = command === '' ? '; put it after the command' : `, not of ${command}`
    return usageProblem(`unknown option '${flag}': it is a setting of ${others.join(', ')}${here}.`)
  }
  return usageProblem(
    `unknown option '${flag}'.${suggest(
      flag,
      own.map(({ name }) => `--${name}`),
    )}`,
  )
}

function suggest(word: string, words: readonly string[]): string {
  const near = nearest(word, words)
  return near === undefined ? '' : ` Did you mean ${near}?`
}

function usageProblem(message: string, more: { next?: string | NextStep } = {}): TrackSyncError {
  return new TrackSyncError('settings_invalid', message, more)
}

/**
 * Variables that have our prefix but are not settings, so they have no effect. They are only warnings, since they may be
 * meant for something else.
 */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  // Looked up without the prefix, so that settings whose variables have other names are found too: TRACK_SYNC_URL.
  const known = new Map(settings.map(({ name, env: variable }) => [variableOf(name), variable]))
  known.set('API_KEY', table.key.variable)
  const real = new Set(known.values())
  return Object.keys(env).flatMap(name => {
    if (!name.startsWith(prefix) || real.has(name)) return []
    const near = nearest(name.slice(prefix.length), [...known.keys()])
    const hint = near === undefined ? '' : ` Did you mean ${known.get(near)}?`
    return [`${name} is not a setting and has no effect.${hint}`]
  })
}

function variableOf(flag: string): string {
  return flag.toUpperCase().replaceAll('-', '_')
}
