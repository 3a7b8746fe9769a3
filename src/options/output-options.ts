import { oneOf, onOff, path, run, runId } from './forms.ts'
import type { Rows } from './option.ts'

const everyone = ['plan', 'import', 'resume', 'report'] as const

/** Where the results go, and in which form. */
export const outputOptions = {
  runsDir: {
    form: path,
    calls: ['importFiles'],
    default: 'reports',
    journaled: true,
    isPath: true,
    flag: {
      value: 'DIR',
      group: 'Output',
      commands: ['import', 'resume', 'report'],
      means: 'where runs are written',
    },
  },
  runId: {
    form: runId,
    calls: ['importFiles'],
    journaled: true,
    flag: { value: 'ID', group: 'Output', default: 'time and file name', means: 'the name of the run' },
  },
  metrics: {
    form: path,
    flag: {
      value: 'FILE',
      group: 'Output',
      commands: ['import', 'resume'],
      means: 'keep the figures here, for Prometheus',
      more: 'written every few seconds, and at the end however it comes',
    },
  },
  compare: {
    form: run,
    calls: ['report'],
    isPath: true,
    flag: {
      value: 'RUN',
      group: 'Output',
      means: 'tell what changed since that run',
      more: 'newly different, repaired, unchanged; by its path, id, or latest; each value in compare.csv',
    },
  },
  redact: {
    form: onOff,
    calls: ['report'],
    default: false,
    flag: {
      group: 'Output',
      means: 'the same report without values, to hand on',
      more: 'into the folder `redacted` of the run; hashes in place of values, identifiers and records',
    },
  },
  open: {
    form: onOff,
    default: false,
    flag: { group: 'Output', commands: ['report'], notInFile: true, means: 'show the page in a browser' },
  },
  json: {
    form: onOff,
    default: false,
    flag: {
      group: 'Output',
      commands: everyone,
      notInFile: true,
      means: 'the summary (or the plan) as JSON',
    },
  },
  quiet: {
    form: onOff,
    default: false,
    flag: { group: 'Output', commands: everyone, means: 'no plan, no progress; the summary stays' },
  },
  logFormat: {
    form: oneOf(['text', 'json']),
    default: 'text',
    flag: {
      value: 'text|json',
      group: 'Output',
      commands: everyone,
      means: 'how lines on stderr are written',
    },
  },
  noColor: {
    form: onOff,
    default: false,
    flag: {
      group: 'Output',
      commands: everyone,
      means: 'no colours',
      more: 'NO_COLOR says the same, FORCE_COLOR the opposite',
    },
  },
  config: {
    form: path,
    flag: {
      value: 'FILE',
      group: 'Output',
      commands: everyone,
      notInFile: true,
      default: 'track-sync.yaml',
      means: 'settings in YAML',
      more: 'by their names here',
    },
  },
} as const satisfies Partial<Rows>
