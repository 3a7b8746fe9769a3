import { replays } from '../braze/idempotency.ts'
import { limits } from '../braze/limits.ts'
import { orders } from '../deliver/claim.ts'
import {
  budget,
  callback,
  count,
  duration,
  host,
  key,
  name,
  oneOf,
  onOff,
  path,
  proxy,
  rate,
  run,
} from './forms.ts'
import { plan, question, stop } from './instances.ts'
import type { Rows } from './option.ts'

/** Options that affect speed and patience, but not what is sent. */
export const pacing = { calls: ['importFiles', 'resume', 'undo'], journaled: true, resumable: true } as const
const callbackOption = { calls: ['importFiles', 'resume', 'audit', 'undo'], form: callback } as const

/** Where to send, and how. */
export const sendingOptions = {
  sandbox: {
    form: onOff,
    default: false,
    flag: {
      group: 'Sending',
      commands: ['import'],
      means: 'send to a local sandbox; needs no host and no key',
      more: 'a host that only BRAZE_API_URL names is ignored; --url is an error',
    },
  },
  url: {
    form: host,
    calls: ['importFiles', 'resume', 'audit', 'undo'],
    required: ['importFiles'],
    flag: {
      value: 'URL',
      group: 'Sending',
      env: 'BRAZE_API_URL',
      means: 'the REST host of your instance',
      more: 'such as https://rest.fra-01.braze.eu',
    },
  },
  key: {
    form: key,
    calls: ['importFiles', 'resume', 'audit', 'undo', 'createSandbox'],
    required: ['importFiles', 'resume', 'undo'],
    variable: 'BRAZE_API_KEY',
  },
  apiKeyFile: {
    form: path,
    flag: {
      value: 'FILE',
      group: 'Sending',
      commands: ['import', 'resume', 'audit', 'undo'],
      default: 'BRAZE_API_KEY',
      means: 'a file with the REST API key',
      more: 'the key itself is never a flag',
    },
  },
  proxy: {
    form: proxy,
    calls: ['importFiles', 'resume', 'audit', 'undo'],
    resumable: true,
    flag: {
      value: 'URL',
      group: 'Sending',
      default: 'HTTPS_PROXY, HTTP_PROXY, NO_PROXY',
      means: 'the proxy for all requests',
      more: 'it may contain a password, and is never stored',
    },
  },
  target: { form: name, calls: ['importFiles', 'resume', 'audit', 'undo'] },
  rate: {
    form: rate,
    calls: ['plan', 'importFiles', 'resume', 'undo'],
    default: { requests: limits.requestsPerMinute.max, windowMs: 60_000 },
    journaled: true,
    resumable: true,
    flag: {
      value: 'N|off',
      group: 'Sending',
      means: 'requests per minute; also N/s, N/h',
      more: '`off` only for a host on this machine',
    },
  },
  concurrency: {
    ...pacing,
    form: count,
    default: 50,
    flag: { value: 'N', group: 'Sending', means: 'the maximum number of requests in flight' },
  },
  order: {
    ...pacing,
    form: oneOf(orders),
    default: 'user',
    flag: {
      value: 'user|value',
      group: 'Sending',
      means: 'send one row at a time per user, or per user and value',
      more: 'a value is an attribute, event or product',
    },
  },
  readAhead: {
    ...pacing,
    form: count,
    default: 1000,
    flag: {
      value: 'N',
      group: 'Sending',
      means: 'how many rows to read ahead',
      more: 'the next row to send is chosen among them',
    },
  },
  timeoutMs: {
    ...pacing,
    calls: ['importFiles', 'resume', 'audit', 'undo'],
    form: duration,
    default: 90_000,
    flag: {
      name: 'timeout',
      value: 'TIME',
      group: 'Sending',
      means: 'how long a request may take',
      more: 'seconds, or with a unit: 90s, 2m',
    },
  },
  coalesce: {
    form: onOff,
    calls: ['importFiles'],
    default: false,
    journaled: true,
    identity: true,
    flag: {
      group: 'Sending',
      means: 'send the waiting rows of a user as one request',
      more: 'attribute rows only; each keeps its own verdicts',
    },
  },
  skipUnchanged: {
    form: run,
    calls: ['importFiles'],
    journaled: 'absolute',
    isPath: true,
    flag: {
      value: 'RUN',
      group: 'Sending',
      means: 'leave out rows that this earlier run verified',
      more: 'the baseline: a run to the same host, as a path, an id or latest',
    },
  },
  bodyForm: {
    form: oneOf(['array', 'object']),
    calls: ['importFiles'],
    default: 'array',
    journaled: true,
    identity: true,
    flag: {
      value: 'array|object',
      group: 'Sending',
      means: 'send the object in a list of one, or by itself',
    },
  },
  afterUnknown: {
    ...pacing,
    form: oneOf(['hold', 'continue']),
    default: 'hold',
    flag: { value: 'hold|continue', group: 'Sending', means: 'the rows of a user after an unknown one' },
  },
  afterRejected: {
    ...pacing,
    form: oneOf(['hold', 'continue']),
    default: 'continue',
    flag: { value: 'hold|continue', group: 'Sending', means: 'the rows of a user after a rejected one' },
  },
  replay: {
    ...pacing,
    form: oneOf(replays),
    default: 'safe',
    flag: {
      value: 'safe|all|none',
      group: 'Sending',
      means: 'what to retry after a lost response',
      more: 'what does no harm twice, everything, or nothing',
    },
  },
  newKey: {
    form: onOff,
    calls: ['resume', 'undo'],
    default: false,
    flag: { group: 'Sending', notInFile: true, means: 'the key was replaced in the same workspace' },
  },
  agree: { form: question, calls: ['undo'] },
  plan: { form: plan, calls: ['importFiles'] },
  stop: { form: stop, calls: ['importFiles', 'resume', 'audit', 'undo'] },
  onPlan: callbackOption,
  onStart: callbackOption,
  onProgress: callbackOption,
} as const satisfies Partial<Rows>

/** When to stop, when to begin, and whether to ask. */
export const stoppingOptions = {
  once: {
    form: onOff,
    default: false,
    flag: {
      group: 'Stopping',
      commands: ['import'],
      means: 'send these files only once',
      more: 'starts a run, resumes it, or sends nothing if it has finished',
    },
  },
  maxErrors: {
    ...pacing,
    form: budget,
    default: 100,
    flag: {
      value: 'N|N%',
      group: 'Stopping',
      commands: ['plan', 'import', 'resume', 'undo'],
      means: 'stop at this many rows with errors',
      more: 'invalid, rejected, unknown and mismatched together',
    },
  },
  maxRetries: {
    ...pacing,
    form: budget,
    default: { percent: 50 },
    flag: {
      value: 'N|N%',
      group: 'Stopping',
      default: '50%, at least 500',
      means: 'stop at this many retries',
      more: 'requests retried after failures; a 429 does not count',
    },
  },
  yes: {
    form: onOff,
    default: false,
    flag: {
      group: 'Stopping',
      commands: ['import', 'undo'],
      notInFile: true,
      means: 'send without asking',
      more: 'without a terminal, or with --sandbox, there is no question',
    },
  },
} as const satisfies Partial<Rows>
