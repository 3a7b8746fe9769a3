/** What was given, or is to be given, as flags: their values by the names of the settings, without dashes. */
export type Flags = Readonly<Record<string, FlagValue>>
/** The text behind the flag, each of them where it may be repeated, or true where it is on or off. */
export type FlagValue = string | true | readonly string[]

/** A command as somebody typed it. */
export interface Typed {
  command: string
  operands: readonly string[]
  flags: Flags
  /** Flags that are not repeated, because their values hold a password. */
  withheld?: readonly string[]
}

/** What to do next. Whatever only a person can do is advice; the command is what to type then. */
export interface NextStep {
  id: NextId
  /** A sentence. Where it ends in a colon, it leads to the command. */
  advice?: string
  command: NextCommand
}

export type NextCommand =
  /** What was typed, with the flags that are given here in place of its own. */
  | ({ does: 'again' } & Again)
  /** A command for a run that is there, with those of the typed flags that it knows. */
  | { does: 'run'; command: 'resume' | 'report'; folder: string; flags: Flags }
  | { does: 'help'; command: string }
  /** A program of the system. */
  | { does: 'shell'; words: readonly string[] }

interface Again {
  /** Another command than the one typed. */
  command?: string
  flags?: Flags
  without?: readonly string[]
  /** The rows of this file come out of a program, through standard input. */
  piped?: { file: string; from: readonly string[] }
}

/**
 * Every command that is proposed anywhere, made here and nowhere else. Each is pasted by a test; a new one without such
 * a test does not compile.
 */
export const nextSteps = {
  /** To be typed again once something has been done about it. */
  again: (advice?: string) => step('again', again({}), advice),
  delimit: (character: string) => {
    const delimiter = character === '\t' ? 'tab' : character
    return step('delimit', again({ flags: { delimiter } }), 'Set the delimiter:')
  },
  identify: (column: string) =>
    step('identify', again({ flags: { id: [`external_id=${column}`] } }), 'Name the column:'),
  encode: (encoding: string) =>
    step('encode', again({ flags: { encoding } }), 'Leave out --encoding, or set the right one:'),
  takeAsEvents: () => step('takeAsEvents', again({ flags: { kind: 'events' } }), 'Set the kind of the rows:'),
  unpack: (file: string, ...from: string[]) =>
    step(
      'unpack',
      again({ piped: { file, from: [...from, pathOf(file)] } }),
      'Decompress it and pipe it in:',
    ),
  tryHere: (advice: string) => {
    const flags = { sandbox: true } as const
    return step(
      'tryHere',
      again({ flags, without: ['url', 'api-key-file'] }),
      `${advice} Or try the sandbox first:`,
    )
  },
  limitRate: (rate: string) => step('limitRate', again({ flags: { rate } })),
  sendThere: (url: string) =>
    step('sendThere', again({ flags: { url } }), 'Resume with the host of the run:'),
  send: (advice: string, flags: Flags) => step('send', again({ command: 'import', flags }), advice),
  sendUnasked: (flags: Flags) =>
    step('sendUnasked', again({ flags: { ...flags, yes: true } }), 'To send it anyway:'),
  goOn: (folder: string, flags: Flags = {}, advice?: string) =>
    step('goOn', { does: 'run', command: 'resume', folder, flags }, advice),
  look: (folder: string, flags: Flags = {}, advice?: string) =>
    step('look', { does: 'run', command: 'report', folder, flags: { ...flags, open: true } }, advice),
  list: (folder: string, advice?: string) =>
    step('list', { does: 'shell', words: ['ls', pathOf(folder)] }, advice),
  help: (command: string, advice?: string) => step('help', { does: 'help', command }, advice),
}

export type NextId =
  | 'again'
  | 'delimit'
  | 'identify'
  | 'encode'
  | 'takeAsEvents'
  | 'unpack'
  | 'tryHere'
  | 'limitRate'
  | 'sendThere'
  | 'send'
  | 'sendUnasked'
  | 'goOn'
  | 'look'
  | 'list'
  | 'help'

function step(id: NextId, command: NextCommand, advice?: string): NextStep {
  return advice === undefined ? { id, command } : { id, advice, command }
}

function again(changes: Again): NextCommand {
  return { does: 'again', ...changes }
}

/**
 * The line to paste. What was typed is repeated, as far as the next command knows it; undefined where that is needed
 * and nothing is known of it.
 */
export function commandLine(
  command: NextCommand,
  typed?: Typed,
  knows: (command: string, flag: string) => boolean = () => true,
): string | undefined {
  switch (command.does) {
    case 'again':
      return typed === undefined ? undefined : lineAgain(command, typed, knows)
    case 'run': {
      const { folder, flags } = command
      const repeated = Object.entries(typed?.flags ?? {}).filter(
        // The path of a run is enough to find it.
        ([name]) => knows(command.command, name) && !(name === 'runs-dir' && !hasOther(typed)),
      )
      return lineOf(command.command, [folder], { ...Object.fromEntries(repeated), ...flags })
    }
    case 'help':
      return lineOf(command.command, [], { help: true })
    case 'shell':
      return command.words.map(quote).join(' ')
  }
}

/** Another run may have been named by its id alone. */
function hasOther(typed: Typed | undefined): boolean {
  return typed?.flags['compare'] !== undefined
}

function lineAgain(
  { command, flags = {}, without = [], piped }: Again,
  typed: Typed,
  knows: (command: string, flag: string) => boolean,
): string | undefined {
  const name = command ?? typed.command
  const kept = Object.entries(typed.flags).filter(([flag]) => knows(name, flag) && !without.includes(flag))
  const all = { ...Object.fromEntries(kept), ...flags }
  if (piped === undefined) return lineOf(name, typed.operands, all)
  // What comes through a pipe comes once; and a file that a pattern found cannot be taken out of it.
  if (all['once'] === true || !typed.operands.includes(piped.file)) return lineOf(name, typed.operands, all)
  const operands = typed.operands.map(operand => (operand === piped.file ? '-' : operand))
  return `${piped.from.map(quote).join(' ')} | ${lineOf(name, operands, all)}`
}

function lineOf(command: string, operands: readonly string[], flags: Flags): string {
  const words = Object.entries(flags).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`]
    return [value].flat().flatMap(text => [`--${name}`, text])
  })
  const named = command === '' ? [] : [command]
  return ['track-sync', ...named, ...operands.map(pathOf), ...words].map(quote).join(' ')
}

/** A name that begins like a flag is read as one. */
function pathOf(name: string): string {
  return name.startsWith('-') && name !== '-' ? `./${name}` : name
}

/** What to do, for programs: the advice, and what it leads to as far as that can be said without what was typed. */
export function sayStep({ advice, command }: NextStep): string {
  if (advice !== undefined && !advice.endsWith(':')) return advice
  const said = command.does === 'again' ? sayChanges(command) : commandLine(command)
  return [advice ?? [], said ?? []].flat().join(' ')
}

function sayChanges({ flags = {}, piped }: Again): string {
  if (piped !== undefined) return `${piped.from.map(quote).join(' ')} | ${lineOf('import', ['-'], flags)}`
  const [, ...words] = lineOf('', [], flags).split(' ')
  return words.length === 0 ? 'Try again.' : words.join(' ')
}

/**
 * A word as a shell reads it back. What a terminal obeys, or does not show, is written as bytes, in the way that bash
 * and zsh know.
 */
export function quote(word: string): string {
  if (/^[\w./:@%+,-][\w./:=@%+,-]*$/.test(word)) return word
  if (!unseen.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`
  const coded = word.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(new RegExp(unseen, 'gu'), bytesOf)
  return `$'${coded}'`
}

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[^\P{Zs} ]/u

function bytesOf(sign: string): string {
  return [...new TextEncoder().encode(sign)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
