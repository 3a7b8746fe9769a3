import type { Settings } from './declared.ts'
import type { Form } from './form.ts'

export type CommandName = 'plan' | 'import' | 'resume' | 'audit' | 'undo' | 'report' | 'sandbox'

/** The library functions that take options. */
export type Call =
  | 'plan'
  | 'importFiles'
  | 'resume'
  | 'audit'
  | 'auditRun'
  | 'undo'
  | 'report'
  | 'createSandbox'

/**
 * One option: its values, the functions that accept it, what the journal keeps of it, and how it is set. Its name in the
 * table is the one that a program uses.
 */
export interface Option<Value> {
  form: Form<Value>
  /** The library functions that accept it; none if only the commands do. */
  calls?: readonly Call[]
  /** The functions that require it. */
  required?: readonly Call[]
  /** The value if it is not set. */
  default?: Value
  /** It is written to the journal of the run, as it was set or as an absolute path. Other options never are. */
  journaled?: true | 'absolute'
  /** A resume may change it. */
  resumable?: true
  /** It affects what is sent, so another value makes another run for `--once`. */
  identity?: true
  /** Values are paths; two paths to the same place are equal. */
  isPath?: true
  flag?: Flag
  /** The environment variable of an option that is never a flag. */
  variable?: string
}

/** How an option is set on the command line, in the environment and in `track-sync.yaml`. */
export interface Flag {
  /** Without its dashes; also the key in the file. Default: the name in the table, with hyphens. */
  name?: string
  /** The placeholder for the value in help; none for a flag that is on or off. */
  value?: string
  group: 'Reading' | 'Sending' | 'Lookups' | 'Stopping' | 'Output' | 'Sandbox'
  /** Default: the commands of the library functions that accept it. */
  commands?: readonly CommandName[]
  /** A few words, for the help. */
  means: string
  /** Further details, for the documentation. */
  more?: string
  /** The default as shown to people. Default: the option's default as text. */
  default?: string
  /** The environment variable. Default: `TRACK_SYNC_` and the name. */
  env?: string
  /** May be given several times. */
  repeats?: true
  /** Cannot be set in the file: it applies to one command only. */
  notInFile?: true
}

export type OptionName = keyof Settings

/** A row for each setting, with the type that it has in a program. */
export type Rows = { [Name in OptionName]-?: Option<Exclude<Settings[Name], undefined>> }
