import { endpoints } from '../braze/endpoints.ts'
import { limits } from '../braze/limits.ts'
import { callback, countOrOff, latency, oneOf, onOff, path, port, seed } from './forms.ts'
import { blocked, pinned } from './instances.ts'
import type { Rows } from './option.ts'
import { faults } from './pairs.ts'

const calls = ['createSandbox'] as const

/** How the sandbox behaves. */
export const sandboxOptions = {
  port: {
    calls,
    form: port,
    flag: {
      value: 'N',
      group: 'Sandbox',
      default: '4010',
      means: 'the port to listen on; 0 for any free port',
    },
  },
  limit: {
    calls,
    form: countOrOff,
    default: limits.requestsPerMinute.max,
    flag: { value: 'N|off', group: 'Sandbox', means: 'requests accepted in 60 s' },
  },
  window: {
    calls,
    form: oneOf(['fixed', 'rolling']),
    default: 'fixed',
    flag: {
      value: 'fixed|rolling',
      group: 'Sandbox',
      means: 'whether the 60 s are a fixed or a rolling window',
    },
  },
  reset: {
    calls,
    form: oneOf(['epoch', 'delta']),
    default: 'epoch',
    flag: {
      value: 'epoch|delta',
      group: 'Sandbox',
      means: 'X-RateLimit-Reset as a timestamp, or as the seconds left',
    },
  },
  on429: {
    calls,
    form: oneOf(['retry-after', 'all']),
    default: 'retry-after',
    flag: { name: 'on-429', value: 'retry-after|all', group: 'Sandbox', means: 'which headers a 429 has' },
  },
  exportLimit: {
    calls,
    form: countOrOff,
    default: endpoints.exportIds.rate.requests,
    flag: { value: 'N|off', group: 'Sandbox', means: 'requests to /users/export/ids accepted in 60 s' },
  },
  fastExports: {
    calls,
    form: onOff,
    default: false,
    flag: {
      group: 'Sandbox',
      default: 'off',
      means: 'accept 40 exports a second',
      more: 'of those that ask for neither campaigns nor canvases',
    },
  },
  settle: {
    calls,
    form: latency,
    default: 0,
    flag: {
      value: 'MS|P50,P95',
      group: 'Sandbox',
      means: 'how long until an export shows a write',
      more: 'or the median and the 95th percentile',
    },
  },
  latency: {
    calls,
    form: latency,
    default: 0,
    flag: {
      value: 'MS|P50,P95',
      group: 'Sandbox',
      means: 'how long a response takes',
      more: 'or the median and the 95th percentile',
    },
  },
  state: {
    calls,
    form: path,
    flag: {
      value: 'FILE',
      group: 'Sandbox',
      means: 'keep the users in this file',
      more: 'read at the start, written at the end',
    },
  },
  faults: {
    calls,
    form: faults,
    flag: {
      name: 'fault',
      value: 'KIND[=SHARE]',
      group: 'Sandbox',
      repeats: true,
      means: 'make a share of the requests fail, such as 503=0.1',
      more: 'a status, or html, cut-before, cut-after, silent, slow-body, truncated, wrong-identifier; track:KIND and export:KIND affect those endpoints; repeatable',
    },
  },
  seed: {
    calls,
    form: seed,
    default: 1,
    flag: { value: 'N', group: 'Sandbox', means: 'the same seed gives the same faults' },
  },
  pinned: { calls, form: pinned },
  blocked: { calls, form: blocked },
  onCall: { calls, form: callback },
} as const satisfies Partial<Rows>
