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
import { plan, stop } from './instances.ts'
import type { Rows } from './option.ts'

/** How fast, how patiently: nothing that decides what is sent. */
const pacing = { calls: ['importFiles', 'resume'], journaled: true, resumable: true } as const
const told = { calls: ['importFiles', 'resume'], form: callback } as const

/** Where to send, and how. */
export const sendingOptions = {
  sandbox: {
    form: onOff,
    default: false,
    flag: {
      group: 'Sending',
      commands: ['import'],
      means: 'a sandbox in this process; no host, no key',
      more: 'a host that only BRAZE_API_URL names is then left alone; --url is an error',
    },
  },
  url: {
    form: host,
    calls: ['importFiles', 'resume'],
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
    calls: ['importFiles', 'resume', 'createSandbox'],
    required: ['importFiles', 'resume'],
    variable: 'BRAZE_API_KEY',
  },
  apiKeyFile: {
    form: path,
    flag: {
      value: 'FILE',
      group: 'Sending',
      commands: ['import', 'resume'],
      default: 'BRAZE_API_KEY',
      means: 'a file that holds the REST API key',
      more: 'the key itself is never a flag',
    },
  },
  proxy: {
    form: proxy,
    calls: ['importFiles', 'resume'],
    resumable: true,
    flag: {
      value: 'URL',
      group: 'Sending',
      default: 'HTTPS_PROXY, HTTP_PROXY, NO_PROXY',
      means: 'where requests go through',
      more: 'it may hold a password, and is kept nowhere',
    },
  },
  target: { form: name, calls: ['importFiles', 'resume'] },
  rate: {
    form: rate,
    calls: ['plan', 'importFiles', 'resume'],
    default: { requests: limits.requestsPerMinute.max, windowMs: 60_000 },
    journaled: true,
    resumable: true,
    flag: {
      value: 'N|off',
      group: 'Sending',
      means: 'requests a minute; also N/s, N/h',
      more: '`off` for a host on this machine only',
    },
  },
  concurrency: {
    ...pacing,
    form: count,
    default: 50,
    flag: { value: 'N', group: 'Sending', means: 'requests in flight at most' },
  },
  order: {
    ...pacing,
    form: oneOf(orders),
    default: 'user',
    flag: {
      value: 'user|value',
      group: 'Sending',
      means: 'rows of a user go one at a time, or those that write the same',
      more: 'the same attribute, event or product',
    },
  },
  readAhead: {
    ...pacing,
    form: count,
    default: 1000,
    flag: {
      value: 'N',
      group: 'Sending',
      means: 'rows read ahead',
      more: 'who goes next is chosen among them',
    },
  },
  timeoutMs: {
    ...pacing,
    form: duration,
    default: 90_000,
    flag: {
      name: 'timeout',
      value: 'TIME',
      group: 'Sending',
      means: 'how long an answer may take',
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
      means: 'waiting rows of a user leave as one request',
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
      means: 'leave out what that run verified',
      more: 'a run to the same host, by its path, id, or latest',
    },
  },
  bodyForm: {
    form: oneOf(['array', 'object']),
    calls: ['importFiles'],
    default: 'array',
    journaled: true,
    identity: true,
    flag: { value: 'array|object', group: 'Sending', means: 'the object as a list of one, or bare' },
  },
  afterUnknown: {
    ...pacing,
    form: oneOf(['hold', 'continue']),
    default: 'hold',
    flag: { value: 'hold|continue', group: 'Sending', means: 'rows of a user after an unknown one' },
  },
  afterRejected: {
    ...pacing,
    form: oneOf(['hold', 'continue']),
    default: 'continue',
    flag: { value: 'hold|continue', group: 'Sending', means: 'rows of a user after a rejected one' },
  },
  replay: {
    ...pacing,
    form: oneOf(replays),
    default: 'safe',
    flag: {
      value: 'safe|all|none',
      group: 'Sending',
      means: 'what to repeat after a lost answer',
      more: 'what does no harm twice, everything, nothing',
    },
  },
  newKey: {
    form: onOff,
    calls: ['resume'],
    default: false,
    flag: { group: 'Sending', notInFile: true, means: 'the key was replaced in the same workspace' },
  },
  plan: { form: plan, calls: ['importFiles'] },
  stop: { form: stop, calls: ['importFiles', 'resume'] },
  onPlan: told,
  onStart: told,
  onProgress: told,
} as const satisfies Partial<Rows>

/** When to stop, when to begin, and whether to ask. */
export const stoppingOptions = {
  once: {
    form: onOff,
    default: false,
    flag: {
      group: 'Stopping',
      commands: ['import'],
      means: 'send these very files once',
      more: 'goes on with the run that began to, starts one, or sends nothing where all is sent',
    },
  },
  maxErrors: {
    ...pacing,
    form: budget,
    default: 100,
    flag: {
      value: 'N|N%',
      group: 'Stopping',
      commands: ['plan', 'import', 'resume'],
      means: 'stop at so many rows with errors',
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
      means: 'stop at so many repeats',
      more: 'requests that were sent again after failures; a 429 is none',
    },
  },
  yes: {
    form: onOff,
    default: false,
    flag: {
      group: 'Stopping',
      commands: ['import'],
      notInFile: true,
      means: 'send without asking',
      more: 'without a terminal, or with --sandbox, nobody is asked',
    },
  },
} as const satisfies Partial<Rows>
