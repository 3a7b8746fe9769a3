import { defaults, limits, orders, replays } from '../index.ts'
import * as read from './read-value.ts'
import type { Setting } from './setting.ts'

const readers = ['plan', 'import'] as const
const senders = ['import', 'resume'] as const
const importer = ['import'] as const

/** Where to send, and how. */
export const sending: readonly Setting[] = [
  {
    name: 'sandbox',
    group: 'Sending',
    commands: importer,
    default: 'off',
    means: 'send to a sandbox inside this process; needs no host and no key',
  },
  {
    name: 'url',
    value: 'URL',
    group: 'Sending',
    commands: senders,
    env: 'BRAZE_API_URL',
    default: 'none',
    means: 'the REST host of your instance, such as https://rest.fra-01.braze.eu',
  },
  {
    name: 'api-key-file',
    value: 'FILE',
    group: 'Sending',
    commands: senders,
    default: 'the variable BRAZE_API_KEY',
    means: 'a file that holds the REST API key; the key itself is never a flag',
  },
  {
    name: 'rate',
    value: 'N|off',
    group: 'Sending',
    commands: [...readers, 'resume'],
    read: read.rate,
    default: String(limits.requestsPerMinute.max),
    means: 'requests a minute (also N/s, N/h); `off` for a host on this machine only',
  },
  {
    name: 'concurrency',
    value: 'N',
    group: 'Sending',
    commands: senders,
    read: read.count,
    default: String(defaults.concurrency),
    means: 'requests in flight at most',
  },
  {
    name: 'order',
    value: 'user|value',
    group: 'Sending',
    commands: senders,
    read: read.oneOf(orders),
    default: defaults.order,
    means:
      'what goes one at a time: the rows of a user, or those of a user that write the same attribute, event or product',
  },
  {
    name: 'read-ahead',
    value: 'N',
    group: 'Sending',
    commands: senders,
    read: read.count,
    default: String(defaults.readAhead),
    means: 'rows read ahead; who goes next is chosen among them',
  },
  {
    name: 'coalesce',
    group: 'Sending',
    commands: importer,
    default: 'off',
    means: 'waiting attribute rows of one user leave as one request; each keeps its own verdicts',
  },
  {
    name: 'skip-unchanged',
    value: 'RUN',
    group: 'Sending',
    commands: importer,
    default: 'none',
    means: 'do not send what that run to the same host already verified; a path, an id or latest',
  },
  {
    name: 'body-form',
    value: 'array|object',
    group: 'Sending',
    commands: importer,
    read: read.oneOf(['array', 'object']),
    default: defaults.bodyForm,
    means: 'send the object as a list of one, or bare',
  },
  {
    name: 'after-unknown',
    value: 'hold|continue',
    group: 'Sending',
    commands: senders,
    read: read.oneOf(['hold', 'continue']),
    default: defaults.afterUnknown,
    means: 'the later rows of a user after one whose end nobody knows',
  },
  {
    name: 'after-rejected',
    value: 'hold|continue',
    group: 'Sending',
    commands: senders,
    read: read.oneOf(['hold', 'continue']),
    default: defaults.afterRejected,
    means: 'the later rows of a user after one that was rejected',
  },
  {
    name: 'replay',
    value: 'safe|all|none',
    group: 'Sending',
    commands: senders,
    read: read.oneOf(replays),
    default: defaults.replay,
    means: 'what may be sent again after a lost answer: what does no harm twice, everything, nothing',
  },
  {
    name: 'new-key',
    group: 'Sending',
    commands: ['resume'],
    default: 'off',
    means: 'the key was replaced by a new one of the same workspace',
  },
]

/** When to stop, and whether to ask. */
export const stopping: readonly Setting[] = [
  {
    name: 'max-errors',
    value: 'N|N%',
    group: 'Stopping',
    commands: senders,
    read: read.budget,
    default: String(defaults.maxErrors),
    means: 'stop at so many invalid, rejected, unknown and mismatched rows',
  },
  {
    name: 'max-retries',
    value: 'N|N%',
    group: 'Stopping',
    commands: senders,
    read: read.budget,
    default: '50%, at least 500',
    means: 'stop at so many requests that were sent again after failures; a 429 is none',
  },
  {
    name: 'yes',
    group: 'Stopping',
    commands: importer,
    default: 'off',
    means: 'send without asking; without a terminal, or with --sandbox, nobody is asked',
  },
]
