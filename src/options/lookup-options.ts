import { endpoints } from '../braze/endpoints.ts'
import { duration, oneOf, onOff, paths, rate } from './forms.ts'
import type { Rows } from './option.ts'
import { pacing } from './sending-options.ts'

/** Which profiles to look at, when, and how often. */
export const lookupOptions = {
  verify: {
    ...pacing,
    calls: ['plan', 'importFiles', 'resume', 'undo'],
    form: oneOf(['answer', 'profile']),
    default: 'answer',
    flag: {
      value: 'answer|profile',
      group: 'Lookups',
      means: 'what values are compared with',
      more: '`profile` also looks up what the response does not show',
    },
  },
  settleMs: {
    ...pacing,
    form: duration,
    default: 300_000,
    flag: {
      name: 'settle',
      value: 'TIME',
      group: 'Lookups',
      default: '5m',
      means: 'how long an accepted value may take to show',
      more: 'until then a verdict from a profile is not final',
    },
  },
  lookupRate: {
    ...pacing,
    calls: ['plan', 'importFiles', 'resume', 'audit', 'undo'],
    form: rate,
    default: endpoints.exportIds.rate,
    flag: {
      value: 'N',
      group: 'Lookups',
      means: 'requests per minute that read profiles; also N/s, N/h',
      more: 'of 50 users each; Braze allows many workspaces 40/s',
    },
  },
  snapshot: {
    form: onOff,
    calls: ['plan', 'importFiles'],
    default: false,
    journaled: true,
    flag: {
      group: 'Lookups',
      means: 'look each user up before the first row is sent',
      more: 'keeps before.ndjson: a baseline for counts and sums, and what `undo` puts back',
    },
  },
  against: {
    form: paths,
    calls: ['audit'],
    flag: {
      value: 'FILE',
      group: 'Lookups',
      repeats: true,
      notInFile: true,
      means: 'compare with an export on disk, not with lookups',
      more: 'the response of /users/export/ids, or the lines of a segment export; repeatable',
    },
  },
  noLookups: {
    ...pacing,
    form: onOff,
    default: false,
    flag: {
      group: 'Lookups',
      means: 'read no profiles',
      more: 'what is in doubt then stays unknown',
    },
  },
  onlyUnknown: {
    form: onOff,
    calls: ['resume'],
    default: false,
    flag: {
      group: 'Lookups',
      notInFile: true,
      means: 'look up the unknown rows, and do nothing else',
      more: 'what was certainly not applied is sent again',
    },
  },
} as const satisfies Partial<Rows>
