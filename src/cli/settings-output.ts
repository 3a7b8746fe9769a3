import { defaults, limits } from '../index.ts'
import * as read from './read-value.ts'
import type { Setting } from './setting.ts'

const importer = ['import'] as const
const everyone = ['plan', 'import', 'resume', 'report'] as const

/** Where the results go, and in which form. */
export const output: readonly Setting[] = [
  {
    name: 'runs-dir',
    value: 'DIR',
    group: 'Output',
    commands: ['import', 'resume', 'report'],
    default: defaults.runsDir,
    means: 'where runs are written',
  },
  {
    name: 'run-id',
    value: 'ID',
    group: 'Output',
    commands: importer,
    default: 'time and file name',
    means: 'the name of the run',
  },
  {
    name: 'open',
    group: 'Output',
    commands: ['report'],
    default: 'off',
    means: 'show the page in a browser',
  },
  {
    name: 'json',
    group: 'Output',
    commands: everyone,
    default: 'off',
    means: 'print the summary (or the plan) as JSON',
  },
  {
    name: 'quiet',
    group: 'Output',
    commands: everyone,
    default: 'off',
    means: 'no plan and no progress; the summary stays',
  },
  {
    name: 'log-format',
    value: 'text|json',
    group: 'Output',
    commands: everyone,
    read: read.oneOf(['text', 'json']),
    default: 'text',
    means: 'how lines on stderr are written',
  },
  {
    name: 'config',
    value: 'FILE',
    group: 'Output',
    commands: everyone,
    default: 'track-sync.yaml, if it is there',
    means: 'a YAML file of settings, by their names here',
  },
]

/** How the sandbox behaves. */
export const sandbox: readonly Setting[] = [
  {
    name: 'port',
    value: 'N',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.port,
    default: '4010',
    means: 'the port to listen on; 0 for any',
  },
  {
    name: 'limit',
    value: 'N|off',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.countOrOff,
    default: String(limits.requestsPerMinute.max),
    means: 'requests it takes in 60 s',
  },
  {
    name: 'window',
    value: 'fixed|rolling',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.oneOf(['fixed', 'rolling']),
    default: 'fixed',
    means: 'how it counts them',
  },
  {
    name: 'reset',
    value: 'epoch|delta',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.oneOf(['epoch', 'delta']),
    default: 'epoch',
    means: 'X-RateLimit-Reset as a moment, or as seconds to go',
  },
  {
    name: 'on-429',
    value: 'retry-after|all',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.oneOf(['retry-after', 'all']),
    default: 'retry-after',
    means: 'the headers of a 429',
  },
  {
    name: 'latency',
    value: 'MS|P50,P95',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.latency,
    default: '0',
    means: 'how long an answer takes, or the middle and the slow end of a spread',
  },
  {
    name: 'state',
    value: 'FILE',
    group: 'Sandbox',
    commands: ['sandbox'],
    default: 'none',
    means: 'keep the users in this file: read at the start, written at the end',
  },
  {
    name: 'fault',
    value: 'KIND[=SHARE]',
    group: 'Sandbox',
    commands: ['sandbox'],
    repeats: true,
    read: read.fault,
    default: 'none',
    means:
      'let a share of the calls fail: a status, or html, cut-before, cut-after, silent, slow-body, truncated, wrong-identifier (repeatable; 503=0.1)',
  },
  {
    name: 'seed',
    value: 'N',
    group: 'Sandbox',
    commands: ['sandbox'],
    read: read.natural,
    default: '1',
    means: 'the randomness of the faults; the same seed gives the same ones',
  },
]
