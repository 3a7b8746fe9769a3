import type { Settings } from './declared.ts'
import type { Form } from './form.ts'

export type CommandName = 'plan' | 'import' | 'resume' | 'report' | 'sandbox'

/** The functions of the library that take options. */
export type Call = 'plan' | 'importFiles' | 'resume' | 'report' | 'createSandbox'

/**
 * One option: what it may be, who takes it, what is kept of it, and how people say it. Its name in the table is the one
 * that a program uses.
 */
export interface Option<Value> {
  form: Form<Value>
  /** Who takes it in the library; nobody where it is a matter of the commands. */
  calls?: readonly Call[]
  /** Those that can do nothing without it. */
  required?: readonly Call[]
  /** What holds where nobody says. */
  default?: Value
  /** It is written to the journal of the run, as it was given or as an absolute path. What does not say so never is. */
  journaled?: true | 'absolute'
  /** A resume may change it. */
  resumable?: true
  /** It decides what is sent, so that another value makes another run for `--once`. */
  identity?: true
  /** Values are paths; two that lead to the same place are the same. */
  isPath?: true
  flag?: Flag
  /** The environment variable of what is never a flag. */
  variable?: string
}

/** How an option is said on the command line, in the environment and in `track-sync.yaml`. */
export interface Flag {
  /** Without its dashes; also the key in the file. Default: the name in the table, with hyphens. */
  name?: string
  /** What stands for the value in help; none for a flag that is on or off. */
  value?: string
  group: 'Reading' | 'Sending' | 'Stopping' | 'Output' | 'Sandbox'
  /** Default: the commands of those that take it in the library. */
  commands?: readonly CommandName[]
  /** A few words, for the help. */
  means: string
  /** What else there is to know, for the documentation. */
  more?: string
  /** What holds where nobody says, as people read it. Default: the option's default as text. */
  default?: string
  /** The environment variable. Default: `TRACK_SYNC_` and the name. */
  env?: string
  /** May be given several times. */
  repeats?: true
  /** Not to be set for good: only for the command that is typed. */
  notInFile?: true
}

export type OptionName = keyof Settings

/** A row for each setting, of the very type that it has in a program. */
export type Rows = { [Name in OptionName]-?: Option<Exclude<Settings[Name], undefined>> }
