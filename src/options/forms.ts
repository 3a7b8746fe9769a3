import { z } from 'zod'
import { readProxy } from '../deliver/proxy.ts'
import type { Rate } from '../model/exchange.ts'
import type { ProblemCode } from '../model/problem.ts'
import type { ErrorBudget } from '../model/progress.ts'
import type { Latency } from '../sandbox/random.ts'
import { type Form, programValue, single } from './form.ts'
import { isOn, no, yes } from './on-off.ts'

/** The forms of simple values; those that name columns or faults are in `pairs.ts`. */

/** One of several words. */
export function oneOf<const Word extends string>(words: readonly Word[], wordCode?: ProblemCode): Form<Word> {
  const expected = words.join(', ')
  return single({
    schema: z.enum(words as unknown as Record<string, Word>, { error: expected }),
    expected,
    words,
    ...(wordCode === undefined ? {} : { wordCode }),
  })
}

/** On or off; a flag without a value means on. */
export const onOff: Form<boolean> = single({
  schema: z.boolean({ error: 'true or false' }),
  expected: `on or off (or ${[...yes.slice(1), ...no.slice(1)].join(', ')})`,
  parse: text => isOn(text) ?? text,
  write: value => (value ? 'on' : 'off'),
})

function wholeSchema(min: number, max: number, expected: string): z.ZodType<number> {
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected })
}

function toWhole(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function whole(min: number, max: number, expected: string): Form<number> {
  return single({ schema: wholeSchema(min, max, expected), expected, parse: toWhole })
}

const most = Number.MAX_SAFE_INTEGER
const fromOne = 'a whole number from 1'
export const count = whole(1, most, fromOne)
export const natural = whole(0, most, 'a whole number')
export const port = whole(0, 65_535, 'a port from 0 to 65535')
/** The sandbox accepts any whole number as a seed; text only those from 0. */
export const seed: Form<number> = { ...natural, schema: z.int({ error: 'a whole number' }) }

export const countOrOff: Form<number | 'off'> = single({
  schema: z.union([wholeSchema(1, most, fromOne), z.literal('off')], { error: `${fromOne}, or off` }),
  expected: `${fromOne}, or off`,
  parse: toWhole,
})

/** Node's timers end at 24 days; a day is longer than anything here should wait. */
const dayMs = 86_400_000
const windows = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000 } as const

/** `500`, `8/s`, `500/min`, `30000/h`, or `off`. */
export const rate: Form<Rate> = single({
  schema: z.union(
    [
      z.literal('off'),
      z.strictObject({
        requests: wholeSchema(1, 9_999_999, `${fromOne} to 9999999`),
        windowMs: wholeSchema(1, dayMs, `milliseconds from 1 to ${dayMs}`),
      }),
    ],
    { error: "{ requests, windowMs }, such as { requests: 500, windowMs: 60000 }, or 'off'" },
  ),
  expected: 'a number such as 500, 8/s or 30000/h, or off',
  parse: text => {
    const [, requests, unit = 'min'] = /^(\d{1,7})(?:\/(s|m|min|h))?$/.exec(text) ?? []
    if (requests === undefined) return text
    return { requests: Number(requests), windowMs: windows[unit as keyof typeof windows] }
  },
  write: value => {
    if (value === 'off') return 'off'
    const unit = Object.entries(windows).find(([, windowMs]) => windowMs === value.windowMs)?.[0]
    if (unit === undefined) return undefined
    return unit === 'm' ? String(value.requests) : `${value.requests}/${unit}`
  },
})

/** `100`, or `2%`. */
export const budget: Form<ErrorBudget> = single({
  schema: z.union(
    [
      wholeSchema(0, most, 'a whole number'),
      z.strictObject({
        percent: z
          .number({ error: 'a number from 0 to 100' })
          .min(0, { error: 'a number from 0 to 100' })
          .max(100, { error: 'a number from 0 to 100' }),
      }),
    ],
    { error: 'a whole number such as 100, or { percent: 2 }' },
  ),
  expected: 'a number such as 100, or a share such as 2%',
  parse: text => {
    const [, share] = /^(\d{1,9}(?:\.\d+)?)%$/.exec(text) ?? []
    return share === undefined ? toWhole(text) : { percent: Number(share) }
  },
  write: value => (typeof value === 'number' ? String(value) : `${value.percent}%`),
})

/** `90`, `90s`, `2m`; milliseconds in a program. */
export const duration: Form<number> = single({
  schema: wholeSchema(1, dayMs, `a whole number of milliseconds from 1 to ${dayMs}`),
  expected: 'seconds such as 90, or 90s, 2m, 1500ms',
  parse: text => {
    const [, number, unit = 's'] = /^(\d{1,9})(ms|s|m)?$/.exec(text) ?? []
    return number === undefined ? text : Number(number) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1)
  },
  write: value => (value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`),
})

const milliseconds = z.number({ error: 'milliseconds' }).min(0, { error: 'milliseconds' }).max(dayMs)

/** `200`, or `50,900`: the median and the 95th percentile of the response time. */
export const latency: Form<Latency> = single({
  schema: z.union(
    [
      milliseconds,
      z
        .strictObject({ p50: milliseconds, p95: milliseconds })
        .refine(({ p50, p95 }) => p50 > 0 && p95 >= p50, { error: 'p50 above 0, and p95 not below it' }),
    ],
    { error: 'milliseconds such as 200, or { p50: 50, p95: 900 }' },
  ),
  expected: 'milliseconds such as 200, or two such as 50,900',
  parse: text => {
    const [, p50, p95] = /^(\d{1,8}),(\d{1,8})$/.exec(text) ?? []
    return p50 === undefined || p95 === undefined ? toWhole(text) : { p50: Number(p50), p95: Number(p95) }
  },
  write: value => (typeof value === 'number' ? String(value) : `${value.p50},${value.p95}`),
})

export const delimiter: Form<string> = single({
  schema: z.string({ error: 'one character such as , ; | or a tab' }).refine(
    // Characters with a meaning in CSV cannot be delimiters.
    text => /^[^\w\s"]$|^\t$/.test(text) && text.charCodeAt(0) < 128,
    { error: 'one character such as , ; | or a tab' },
  ),
  expected: 'one character such as , ; | or tab',
  parse: text => (text === 'tab' || text === '\\t' ? '\t' : text),
  write: value => (value === '\t' ? 'tab' : value),
})

/** Any text, an empty one included. */
export const text: Form<string> = single({ schema: z.string({ error: 'text' }), expected: 'text' })

function filled(expected: string): Form<string> {
  return single({ schema: z.string({ error: expected }).min(1, { error: expected }), expected })
}

export const path = filled('a path')

/** Several paths. */
export const paths: Form<string[]> = {
  schema: z.array(path.schema, { error: 'a list of paths' }),
  text: {
    read: (texts, setting) => texts.map(one => path.text?.read([one], setting)),
    write: value => value as string[],
  },
}

export const name = filled('a name')
export const run = filled('a run')

/** The name of a folder; not a path, and not a name with another meaning. */
export const runId: Form<string> = single({
  schema: z
    .string({ error: 'the name of a folder' })
    .refine(id => /^[^./\\][^/\\]*$/.test(id) && id !== 'latest', { error: 'the name of a folder' }),
  expected: 'the name of a folder',
})

/** `checkTarget` checks it further, once the key is known. */
export const host: Form<string> = { ...filled('the address of a host'), code: 'host_missing' }

export const key: Form<string> = {
  schema: z.string({ error: 'a REST API key' }),
  secret: true,
  code: 'key_missing',
}

const proxyExpected = 'the address of a proxy, http://HOST:PORT or https://HOST:PORT'

/** The proxy for all requests; it may contain a user name and a password. */
export const proxy: Form<string> = single({
  schema: z.string({ error: proxyExpected }).refine(isProxy, { error: proxyExpected }),
  expected: proxyExpected,
  secret: true,
})

function isProxy(address: string): boolean {
  try {
    return readProxy(address, 'proxy').uri !== ''
  } catch {
    return false
  }
}

export const callback = programValue<(...args: unknown[]) => void>(
  'a function',
  value => typeof value === 'function',
)
