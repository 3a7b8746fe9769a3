import { oneOf, onOff, path, run, runId } from './forms.ts'
import type { Rows } from './option.ts'

const allRuns = ['plan', 'import', 'resume', 'audit', 'undo', 'report'] as const

/** Where the results go, and in which form. */
export const outputOptions = {
  runsDir: {
    form: path,
    calls: ['importFiles', 'audit', 'undo'],
    default: 'reports',
    journaled: true,
    isPath: true,
    flag: {
      value: 'DIR',
      group: 'Output',
      commands: ['import', 'resume', 'audit', 'undo', 'report'],
      means: 'the folder for runs',
    },
  },
  runId: {
    form: runId,
    calls: ['importFiles', 'audit', 'undo'],
    journaled: true,
    flag: { value: 'ID', group: 'Output', default: 'time and file name', means: 'the name of the run' },
  },
  metrics: {
    form: path,
    flag: {
      value: 'FILE',
      group: 'Output',
      commands: ['import', 'resume', 'audit', 'undo'],
      means: 'write metrics for Prometheus to this file',
      more: 'updated every few seconds, and at the end however the run ends',
    },
  },
  compare: {
    form: run,
    calls: ['report'],
    isPath: true,
    flag: {
      value: 'RUN',
      group: 'Output',
      means: 'show what changed since that run',
      more: 'a path, an id or latest; each changed value is in compare.csv',
    },
  },
  redact: {
    form: onOff,
    calls: ['report'],
    default: false,
    flag: {
      group: 'Output',
      means: 'write a report without values, to share',
      more: 'in the folder `redacted` of the run, with hashes in place of values, identifiers and records',
    },
  },
  open: {
    form: onOff,
    default: false,
    flag: { group: 'Output', commands: ['report'], notInFile: true, means: 'open the report in a browser' },
  },
  json: {
    form: onOff,
    default: false,
    flag: {
      group: 'Output',
      commands: allRuns,
      notInFile: true,
      means: 'print the summary (or the plan) as JSON',
    },
  },
  quiet: {
    form: onOff,
    default: false,
    flag: { group: 'Output', commands: allRuns, means: 'print no plan and no progress' },
  },
  logFormat: {
    form: oneOf(['text', 'json']),
    default: 'text',
    flag: {
      value: 'text|json',
      group: 'Output',
      commands: allRuns,
      means: 'the format of the lines on stderr',
    },
  },
  noColor: {
    form: onOff,
    default: false,
    flag: {
      group: 'Output',
      commands: allRuns,
      means: 'no colours',
      more: 'NO_COLOR does the same, FORCE_COLOR the opposite',
    },
  },
  config: {
    form: path,
    flag: {
      value: 'FILE',
      group: 'Output',
      commands: allRuns,
      notInFile: true,
      default: 'track-sync.yaml',
      means: 'a settings file (YAML)',
      more: 'its keys are the names of the flags',
    },
  },
} as const satisfies Partial<Rows>
