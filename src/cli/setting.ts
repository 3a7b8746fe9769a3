export type CommandName = 'plan' | 'import' | 'resume' | 'report' | 'sandbox'

/** One setting: how it is said, read, explained. Flags, environment, configuration file, help and README come from here. */
export interface Setting {
  /** The name of the flag without its dashes; the key in `track-sync.yaml`. */
  name: string
  /** What stands for the value in help; none for a flag that is on or off. */
  value?: string
  group: 'Reading' | 'Sending' | 'Stopping' | 'Output' | 'Sandbox'
  commands: readonly CommandName[]
  /** A few words, for the help. */
  means: string
  /** What else there is to know, for the README. */
  more?: string
  /** What holds where nobody says; as people read it. */
  default: string
  /** The environment variable; by default `TRACK_SYNC_` and the name. */
  env?: string
  /** May be given several times. */
  repeats?: true
  read?: (text: string, setting: string) => unknown
}
