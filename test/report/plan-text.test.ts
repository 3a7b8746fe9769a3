import { describe, expect, test } from 'vitest'
import type { Plan, PlanColumn, PlannedLookups } from '../../src/model/plan.ts'
import { problem } from '../../src/model/problem.ts'
import type { ErrorBudget } from '../../src/model/progress.ts'
import { planText } from '../../src/report/plan-text.ts'
import { planFile } from '../support/build.ts'

const nothing: Plan = {
  files: [planFile()],
  objects: 3,
  invalid: 0,
  requests: 3,
  minutes: 3 / 500,
  dataPoints: 3,
  kinds: { attributes: 3 },
  leftOut: 0,
  columns: {},
  problems: [],
  foreseen: [],
}
const example = problem('cell_type', '`age:integer` should be a whole number; it is "x".', {
  file: 'in.csv',
  row: 2,
  line: 3,
  field: 'age:integer',
})

test('a plan in which nothing is to be told is five lines', () => {
  expect(planText(nothing, 500)).toBe(`  files        in.csv (csv, comma-delimited, 3 rows)
  requests     3 at 500 a minute, less than a second
  objects      3 attributes
  data points  3
  invalid      none`)
})

test('values that will not be stored as requested are told with how many, why, and the first one', () => {
  const first = {
    file: 'in.csv',
    row: 2,
    line: 3,
    field: 'note',
    message: '`note` contains text of more than 255 characters and will not be updated.',
  }
  const foreseen: Plan['foreseen'] = [
    { reason: 'string_too_long', times: 1200, first },
    { reason: 'field_dropped', times: 1, first: { ...first, message: '`country` should be two letters.' } },
  ]
  expect(
    planText({ ...nothing, foreseen }, 500)
      .split('\n')
      .slice(5)
      .join('\n'),
  ).toBe(`  foreseen     1,201 values that will not be stored as requested
    string_too_long  1,200: The text is longer than 255 characters, so the old
      value was kept.
      in.csv, row 2 (line 3): \`note\` contains text of more than 255 characters
        and will not be updated.
    field_dropped  1: The field may not accept this value and may stay unset.
      in.csv, row 2 (line 3): \`country\` should be two letters.`)
})

test('columns are told with their types, and each kind of mistake once, with its first line', () => {
  const columns: Plan['columns'] = {
    external_id: { declared: true, type: 'string', filled: 3, empty: 0, problems: [] },
    'age:integer': {
      declared: true,
      type: 'integer',
      filled: 2,
      empty: 1,
      problems: [{ code: 'cell_type', times: 2, example }],
    },
    zip: {
      declared: false,
      type: 'string',
      filled: 3,
      empty: 0,
      spoiledBy: { cell: '00123', line: 4 },
      problems: [],
    },
    remarks: { declared: true, type: 'ignored', filled: 3, empty: 0, problems: [] },
  }
  expect(
    planText({ ...nothing, columns }, 500)
      .split('\n')
      .slice(6)
      .join('\n'),
  ).toBe(`  column       type     filled  empty
  external_id  string        3         declared
  age:integer  integer       2      1  declared
      cell_type  2, first on line 3: \`age:integer\` should be a whole number; it
        is "x".
  zip          string        3         inferred; line 4 has "00123"
  remarks      ignored       3

  To override an inferred type: --type COLUMN=TYPE.`)
})

test('columns of any script, and of emoji, stand below each other', () => {
  const found: Plan['columns'][string] = {
    declared: false,
    type: 'string',
    filled: 3,
    empty: 0,
    problems: [],
  }
  const columns = { 名前: found, 'party 🎉': found, 'bell\u0007': found }
  expect(
    planText({ ...nothing, columns }, 500)
      .split('\n')
      .slice(7, 10),
  ).toEqual([
    '  名前      string       3         inferred',
    '  party 🎉  string       3         inferred',
    '  bell·     string       3         inferred',
  ])
})

test('a user of many rows is told, where those may take longer than all others', () => {
  const busiest = { every: 16, rows: [100, 900], users: [{ user: 'ab', rows: [50, 350] }] }
  const plan = { ...nothing, requests: 1000, minutes: 2, busiest }
  expect(planText(plan, 500)).toContain(`
               One user has 400 rows, which are sent one at a time: 7 min at one
               response per second.`)
  expect(planText({ ...plan, minutes: 20 }, 500)).not.toContain('One user')
})

describe('lookups', () => {
  const looks = { users: 2400, isEstimate: false, requests: 48, perMinute: 250, minutes: 48 / 250 }
  const shown = { response: 803, lookup: 561, never: 5 }
  const linesOf = (lookups: PlannedLookups) => {
    const text = planText({ ...nothing, lookups }, 500).split('\n')
    return text.filter(line => /^ {2}(lookups|compared|not shown)|^ {15}/.test(line))
  }

  test('are told with how many, of whom, how long they take, and what is compared then', () => {
    expect(linesOf({ purposes: ['verify'], ...looks, shown })).toEqual([
      '  lookups      48 for 2,400 users at 250 a minute, about 12 s',
      '  compared     1,364 of 1,369 values: 803 in responses, 561 in profiles; no',
      '               profile shows the other 5',
    ])
  })

  test('of more users than can be counted are about so many', () => {
    const estimate = { users: 119_873, isEstimate: true, requests: 2397, perMinute: 250, minutes: 9.6 }
    expect(
      linesOf({ purposes: ['snapshot'], ...estimate, shown: { response: 9, lookup: 0, never: 1 } }),
    ).toEqual(['  lookups      about 2,400 for 120,000 users at 250 a minute, about 10 min'])
  })

  test('of one user and one value are told in the singular', () => {
    const one = { users: 1, isEstimate: false, requests: 1, perMinute: null, minutes: null }
    expect(linesOf({ purposes: ['verify'], ...one, shown: { response: 1, lookup: 1, never: 1 } })).toEqual([
      '  lookups      1 for 1 user without a rate limit',
      '  compared     2 of 3 values: 1 in a response, 1 in a profile; no profile shows',
      '               the other one',
    ])
    const none = { ...one, users: 0, requests: 0 }
    expect(linesOf({ purposes: ['verify'], ...none, shown: { response: 1, lookup: 0, never: 0 } })).toEqual([
      '  compared     1 of 1 value: 1 in a response',
    ])
  })

  test('are offered where they would show more, also for a run that makes a snapshot', () => {
    const offered = (response: number, lookup: number, never: number) =>
      linesOf({ purposes: [], shown: { response, lookup, never } }).join(' ').replaceAll(/\s+/g, ' ')
    expect(offered(803, 560, 6)).toBe(
      ' not shown 566 of 1,369 values are in no response; --verify profile looks up 560 of them',
    )
    expect(offered(803, 566, 0)).toMatch(/looks up all of them$/)
    expect(offered(2, 1, 0)).toBe(' not shown 1 of 3 values is in no response; --verify profile looks it up')
    expect([offered(3, 0, 0), offered(3, 0, 5), offered(0, 0, 0)]).toEqual(['', '', ''])
    expect(linesOf({ purposes: ['snapshot'], ...looks, shown }).join()).toMatch(/48 for 2,400.*not shown/s)
  })

  test('are all that an audit makes: it sends nothing, and costs no data points', () => {
    const lookups: PlannedLookups = {
      purposes: ['audit'],
      ...looks,
      shown: { response: 0, lookup: 1364, never: 5 },
    }
    const audited = { ...nothing, objects: 4, invalid: 1, requests: 0, minutes: 0, dataPoints: 0, lookups }
    const busiest = { every: 16, rows: [1000], users: [{ user: 'ab', rows: [400] }] }
    expect(planText({ ...audited, busiest }, 500)).toBe(`  files        in.csv (csv, comma-delimited, 3 rows)
  requests     none, an audit sends nothing
  lookups      48 for 2,400 users at 250 a minute, about 12 s
  compared     1,364 of 1,369 values; no profile shows the other 5
  objects      3 attributes
  invalid      1 row, will not be compared`)
    const onDisk = { ...audited, lookups: { ...lookups, requests: 0, minutes: 0 } }
    expect(planText(onDisk, 500)).toContain(
      '  lookups      none, the profiles of 2,400 users are read from disk\n',
    )
  })
})

test('refused rows that use up the error budget alone are told, with the budget that is needed', () => {
  const plan = { ...nothing, objects: 10, invalid: 4, requests: 6 }
  const told = (maxErrors: ErrorBudget, more = {}) =>
    planText({ ...plan, ...more }, 500, false, undefined, maxErrors).replaceAll(/\s+/g, ' ')
  const says = (allowed: number, needed: number) =>
    `4 invalid rows use up the error budget of ${allowed}, so nothing is sent. Fix them, or pass --max-errors ${needed}.`
  expect(told(4)).toContain(says(4, 8))
  expect(told({ percent: 35 })).toContain(says(4, 8))
  expect(told(0)).toContain(says(1, 5))
  for (const text of [
    told(5),
    told({ percent: 41 }),
    told(4, { invalid: 10, requests: 0 }),
    planText(plan, 500),
  ])
    expect(text).not.toContain('budget')
})

test('colours are there for those who ask for them', () => {
  const text = planText({ ...nothing, invalid: 1 }, 500, false, (style, said) => `<${style}>${said}</>`)
  expect(text).toContain('invalid      <red>1 row, will not be sent</>')
})

test('no line is wider than 80 columns, whatever is in the file', () => {
  const wide = 'a column with a name that goes on and on '.repeat(3)
  const text = planText(
    {
      ...nothing,
      columns: {
        [wide]: {
          declared: false,
          type: 'string',
          filled: 1,
          empty: 123_456,
          spoiledBy: { cell: 'words '.repeat(100), line: 7 },
          problems: [{ code: 'cell_type', times: 1, example: { ...example, message: wide.repeat(3) } }],
        },
      },
      problems: [{ code: 'cell_type', times: 1, first: { ...example, message: wide.repeat(3) } }],
      foreseen: [
        {
          reason: 'operator_by_accident',
          times: 1,
          first: { file: 'in.csv', row: 1, line: 2, field: 'x', message: wide.repeat(3) },
        },
      ],
    },
    null,
  )
  expect(text.split('\n').filter(line => line.length > 80)).toEqual([])
})

test('a word that is wider than the terminal stays whole, and ends the search for a break', () => {
  const word = 'x'.repeat(200)
  const first = { ...example, message: `${word} ${word} end` }
  const text = planText({ ...nothing, problems: [{ code: 'cell_type', times: 1, first }] }, 500)
  expect(text.split('\n').slice(-3)).toEqual([`        ${word}`, `        ${word}`, '        end'])
})

test('of very many files and columns the first are shown, and every column that has a problem', () => {
  const files = Array.from({ length: 1000 }, (_, i) => planFile({ path: `${i}.csv` }))
  const column: PlanColumn = { type: 'string', declared: false, filled: 3, empty: 0, problems: [] }
  const ill = { ...column, problems: [{ code: 'cell_type' as const, times: 1, example }] }
  const columns = Object.fromEntries(
    Array.from({ length: 5000 }, (_, i) => [`c${i}`, i === 4321 ? ill : column]),
  )
  const text = planText({ ...nothing, files, columns }, 500)
  expect(text).toContain('and 996 more files')
  expect(text).toMatch(/ {2}c99 .*\n {2}c4321 .*\n {6}cell_type/)
  expect(text).toContain('and 4,899 more columns without problems; --json lists them all')
  expect(text.split('\n').length).toBeLessThan(130)
})
