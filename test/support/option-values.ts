import * as fc from 'fast-check'
import {
  columnTypes,
  encodings,
  faultKinds,
  formats,
  kinds,
  orders,
  readings,
  replays,
} from '../../src/index.ts'
import type { OptionName } from '../../src/options/option.ts'

const count = fc.integer({ min: 1, max: 999_999 })
const natural = fc.nat(999_999)
const onOff = fc.boolean()
const word = fc.stringMatching(/^[a-zñ][\w ñ./=:#"'-]{0,12}[a-z0-9]$/)
const budget = fc.oneof(natural, fc.record({ percent: fc.integer({ min: 0, max: 1000 }).map(n => n / 10) }))
const delay = fc.oneof(
  natural,
  fc.record({ p50: count, p95: count }).map(({ p50, p95 }) => ({ p50, p95: p50 + p95 })),
)
const share = fc.integer({ min: 0, max: 100 }).map(n => n / 100)

/** Good values of every option that people can set, as a program gives them. A row of the table without one fails its test. */
export const goodValues: Partial<Record<OptionName, fc.Arbitrary<unknown>>> = {
  kind: fc.constantFrom(...kinds),
  id: fc.dictionary(fc.constantFrom('external_id', 'user_alias.alias_name', 'email'), word, { minKeys: 1 }),
  mappingFile: word,
  columnTypes: fc.dictionary(word, fc.constantFrom(...columnTypes), { minKeys: 1 }),
  types: fc.constantFrom('infer', 'text'),
  empty: fc.constantFrom('skip', 'null'),
  nullToken: fc.oneof(word, fc.constantFrom('NULL', '~', 'true', '007', '1e3', '-', 'null')),
  onTypeError: fc.constantFrom('field', 'row', 'stop'),
  format: fc.constantFrom(...formats),
  delimiter: fc.constantFrom(',', ';', '|', '\t', '^'),
  encoding: fc.constantFrom(...encodings),
  updateExistingOnly: onOff,
  readings: fc
    .record(
      {
        arrayMax: count,
        longString: fc.constantFrom('keep_old', 'truncate'),
        forcedType: fc.constantFrom('coerce', 'reject'),
      },
      { requiredKeys: [] },
    )
    .filter(
      some => Object.keys(some).every(name => Object.hasOwn(readings, name)) && Object.keys(some).length > 0,
    ),
  sandbox: onOff,
  url: fc.constantFrom('https://rest.fra-01.braze.eu', 'http://127.0.0.1:4010', 'http://localhost:1'),
  apiKeyFile: word,
  proxy: fc.constantFrom('http://proxy.example:3128', 'https://user:pa%20ss@10.0.0.1:8080', 'proxy:3128'),
  rate: fc.oneof(
    fc.constant('off'),
    fc.record({ requests: count, windowMs: fc.constantFrom(1000, 60_000, 3_600_000) }),
  ),
  concurrency: count,
  order: fc.constantFrom(...orders),
  readAhead: count,
  timeoutMs: fc.integer({ min: 1, max: 86_400_000 }),
  coalesce: onOff,
  skipUnchanged: word,
  bodyForm: fc.constantFrom('array', 'object'),
  afterUnknown: fc.constantFrom('hold', 'continue'),
  afterRejected: fc.constantFrom('hold', 'continue'),
  replay: fc.constantFrom(...replays),
  verify: fc.constantFrom('answer', 'profile'),
  settleMs: fc.integer({ min: 1, max: 86_400_000 }),
  lookupRate: fc.oneof(
    fc.constant('off'),
    fc.record({ requests: count, windowMs: fc.constantFrom(1000, 60_000, 3_600_000) }),
  ),
  snapshot: onOff,
  against: fc.array(word, { minLength: 1, maxLength: 3 }),
  noLookups: onOff,
  onlyUnknown: onOff,
  newKey: onOff,
  once: onOff,
  maxErrors: budget,
  maxRetries: budget,
  yes: onOff,
  runsDir: word,
  runId: fc.stringMatching(/^[a-z][\w-]{0,12}$/).filter(id => id !== 'latest'),
  metrics: word,
  compare: word,
  redact: onOff,
  open: onOff,
  json: onOff,
  quiet: onOff,
  logFormat: fc.constantFrom('text', 'json'),
  noColor: onOff,
  // It is read, too.
  config: fc.constant('/dev/null'),
  port: fc.integer({ min: 0, max: 65_535 }),
  limit: fc.oneof(count, fc.constant('off')),
  window: fc.constantFrom('fixed', 'rolling'),
  reset: fc.constantFrom('epoch', 'delta'),
  on429: fc.constantFrom('retry-after', 'all'),
  exportLimit: fc.oneof(fc.constant('off'), count),
  fastExports: onOff,
  settle: delay,
  latency: delay,
  state: word,
  faults: fc.array(
    fc.oneof(
      fc.record(
        { kind: fc.constantFrom(...Object.keys(faultKinds).filter(kind => kind !== 'refuse')), share },
        { requiredKeys: ['kind'] },
      ),
      fc.record({ kind: fc.constant('refuse'), status: fc.integer({ min: 300, max: 599 }), share }),
      fc.record({ kind: fc.constant('silent'), on: fc.constantFrom('track', 'export'), share }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  seed: natural,
}

/** What no option takes, whatever it is. */
export const nonsense: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1.5,
  10n,
  Symbol('s'),
  [null],
  { surprise: 1 },
  new Map([['surprise', 1]]),
]
