import type { CommanderError } from 'commander'
import { nearest } from '../map/nearest.ts'
import { type NextStep, nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import { table } from '../options/all-options.ts'
import { prefix, settings } from '../options/settings.ts'

/** What commander found wrong with the arguments, in words of ours and with the nearest right one. */
export function usageError({ code, message }: CommanderError, command: string, names: readonly string[]) {
  const said = message.replace(/^error: /, '').replace(/\n\(Did you mean .*\)$/, '')
  const [, word = ''] = /'(.+?)'/.exec(said) ?? []
  if (code === 'commander.unknownOption') return unknownFlag(word.replace(/=.*/, ''), command)
  if (code === 'commander.unknownCommand') return wrong(`unknown command '${word}'.${meant(word, names)}`)
  return wrong(`${said.replace(/\.$/, '')}.`)
}

/** The flags that people look for, and what there is instead. */
const elsewhere: Record<string, { says: string; next: string | NextStep }> = {
  '--api-key': {
    says: 'The key is never a flag: everyone on this machine could see it.',
    next: 'Set BRAZE_API_KEY, or name a file with the key: --api-key-file FILE.',
  },
  '--dry-run': { says: 'The dry run is a command of its own: plan.', next: nextSteps.help('plan') },
  '--verbose': { says: 'Every request and response is in the journal of the run.', next: nextSteps.help('') },
}

function unknownFlag(flag: string, command: string): TrackSyncError {
  const instead = elsewhere[flag]
  if (instead !== undefined) return wrong(`unknown option '${flag}'. ${instead.says}`, { next: instead.next })
  const own = settings.filter(({ commands }) => commands.some(name => name === command))
  const others = settings.find(({ name }) => `--${name}` === flag)?.commands ?? []
  if (others.length > 0) {
    const here = command === '' ? '; put it after the command' : `, not of ${command}`
    return wrong(`unknown option '${flag}': it is a setting of ${others.join(', ')}${here}.`)
  }
  return wrong(
    `unknown option '${flag}'.${meant(
      flag,
      own.map(({ name }) => `--${name}`),
    )}`,
  )
}

function meant(word: string, words: readonly string[]): string {
  const near = nearest(word, words)
  return near === undefined ? '' : ` Did you mean ${near}?`
}

function wrong(message: string, more: { next?: string | NextStep } = {}): TrackSyncError {
  return new TrackSyncError('settings_invalid', message, more)
}

/**
 * Variables that begin as ours do and are none, so that they have no effect. They are told, and no more: whoever exports
 * them may mean them for something else.
 */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  // By what stands behind the beginning, so that a setting with a name of its own is found as well: TRACK_SYNC_URL.
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
