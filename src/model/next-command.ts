/** Flags: their values by the names of the settings, without dashes. */
export type Flags = Readonly<Record<string, FlagValue>>
/** The value of a flag, several if it can be repeated, or true if it is on or off. */
export type FlagValue = string | true | readonly string[]

/** A command as it was typed. */
export interface Typed {
  command: string
  operands: readonly string[]
  flags: Flags
  /** Flags that are not repeated, because their values contain a password. */
  withheld?: readonly string[]
}

/** What to do next. The advice is what only a person can do; the command is what to type then. */
export interface NextStep {
  id: NextId
  /** A sentence. Where it ends in a colon, it leads to the command. */
  advice?: string
  command: NextCommand
}

export type NextCommand =
  /** What was typed, with these flags in place of its own. */
  | ({ does: 'again' } & Again)
  /** A command for an existing run, with the typed flags that it knows. */
  | { does: 'run'; command: 'resume' | 'report'; folder: string; flags: Flags }
  | { does: 'help'; command: string }
  /** A program of the system. */
  | { does: 'shell'; words: readonly string[] }

interface Again {
  /** Another command than the one typed. */
  command?: string
  flags?: Flags
  without?: readonly string[]
  /** The rows of this file are piped in from a program. */
  piped?: { file: string; from: readonly string[] }
}

/**
 * Every command that is suggested anywhere. A test runs each of them; a new one without such a test does not compile.
 */
export const nextSteps = {
  /** Repeat the command after doing something about the problem. */
  again: (advice?: string) => step('again', again({}), advice),
  /** An audit changes nothing, so it is never resumed. Its name is taken by now. */
  auditAgain: (advice?: string) => step('auditAgain', again({ without: ['run-id'] }), advice),
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
  limitLookups: (rate: string) => step('limitLookups', again({ flags: { 'lookup-rate': rate } })),
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
  | 'auditAgain'
  | 'delimit'
  | 'identify'
  | 'encode'
  | 'takeAsEvents'
  | 'unpack'
  | 'tryHere'
  | 'limitRate'
  | 'limitLookups'
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
 * The line to paste. It repeats what was typed, as far as the next command knows it; undefined if that is needed and not
 * known.
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
        ([name]) => knows(command.command, name) && !(name === 'runs-dir' && !namesAnotherRun(typed)),
      )
      return lineOf(command.command, [folder], { ...Object.fromEntries(repeated), ...flags })
    }
    case 'help':
      return lineOf(command.command, [], { help: true })
    case 'shell':
      return command.words.map(quote).join(' ')
  }
}

/** `--compare` may name another run by its id alone. */
function namesAnotherRun(typed: Typed | undefined): boolean {
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
  // A pipe can be read only once; and a file that a pattern matched cannot be removed from the pattern.
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

/** A name that begins with a dash would be read as a flag. */
function pathOf(name: string): string {
  return name.startsWith('-') && name !== '-' ? `./${name}` : name
}

/** What to do, for programs: the advice, and the command as far as it does not depend on what was typed. */
export function sayStep({ advice, command }: NextStep): string {
  if (advice !== undefined && !advice.endsWith(':')) return advice
  const commandText = command.does === 'again' ? changesText(command) : commandLine(command)
  return [advice ?? [], commandText ?? []].flat().join(' ')
}

function changesText({ flags = {}, piped }: Again): string {
  if (piped !== undefined) return `${piped.from.map(quote).join(' ')} | ${lineOf('import', ['-'], flags)}`
  const [, ...words] = lineOf('', [], flags).split(' ')
  return words.length === 0 ? 'Try again.' : words.join(' ')
}

/**
 * Quotes a word for a shell. Control and invisible characters are written as bytes, in the notation of bash and zsh.
 */
export function quote(word: string): string {
  if (/^[\w./:@%+,-][\w./:=@%+,-]*$/.test(word)) return word
  if (!invisible.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`
  const coded = word.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(new RegExp(invisible, 'gu'), bytesOf)
  return `$'${coded}'`
}

const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[^\P{Zs} ]/u

function bytesOf(sign: string): string {
  return [...new TextEncoder().encode(sign)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
