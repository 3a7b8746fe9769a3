import { describe, expect, test } from 'vitest'
import { createConsole } from '../../src/cli/console.ts'
import { createProgress, type ProgressView } from '../../src/cli/progress-bar.ts'
import { progressOf } from '../support/progress.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'
import { Screen } from '../support/terminal.ts'

/** A run of so many seconds in which a row ends each second, on a stderr of that kind. */
async function watch(
  seconds: number,
  {
    columns,
    more = {},
    ...options
  }: { columns?: number; logFormat?: string; quiet?: boolean; more?: object } = {},
  atEnd: (view: ProgressView) => void = () => {},
): Promise<string[]> {
  const clock = new SimulatedClock()
  const stderr = new Screen(columns)
  const view = createProgress(
    createConsole({ ...options, color: false, stderr, now: clock.now }),
    clock,
    stderr,
  )
  const startedAt = clock.now()
  const standing = (ended: number) =>
    progressOf({
      total: seconds,
      left: seconds - ended,
      ended,
      verified: ended,
      requests: ended,
      perMinute: 60,
      startedAt,
      endsAt: startedAt + seconds * 1000,
      ...more,
    })
  view.start(standing(0))
  for (let second = 1; second <= seconds; second++) {
    await clock.advance(1000)
    view.update(standing(second))
  }
  atEnd(view)
  view.finish()
  await clock.advance(120_000)
  return stderr.lines
}

describe('where stderr is no terminal', () => {
  test('a line comes every 30 s, and none from a run that ends before', async () => {
    expect(await watch(75)).toEqual([
      'Sending 75 rows.',
      '29 of 75 rows, 60 a minute; 29 verified, 0 differ, 0 failed; 45 s left',
      '59 of 75 rows, 60 a minute; 59 verified, 0 differ, 0 failed; 15 s left',
    ])
    expect(await watch(20)).toEqual(['Sending 20 rows.'])
  })

  test('a pause of more than a minute is told, once, with its end; a short one is not', async () => {
    const until = (ms: number) => ({ pausedUntil: new SimulatedClock().now() + ms })
    const told = (lines: string[]) => lines.filter(line => line.includes('pause of'))
    const long = await watch(40, { more: until(900_000) })
    expect(told(long)).toEqual([
      expect.stringMatching(/^The API asked for a pause of 15 min\. Sending continues at \S+T\S+Z\.$/),
    ])
    expect(told(await watch(40, { more: until(60_000) }))).toEqual([])
    expect(told(await watch(40, { quiet: true, more: until(900_000) }))).toEqual([])
  })

  test('it comes as an object with the same figures, under names that stay', async () => {
    const [start, line] = (await watch(40, { logFormat: 'json' })).map(
      text => JSON.parse(text) as Record<string, unknown>,
    )
    expect(start).toMatchObject({
      level: 'info',
      event: 'start',
      mode: 'import',
      total: 40,
      ended: 0,
      left: 40,
      waitingForLookup: 0,
    })
    expect(line).toMatchObject({
      time: '2024-05-06T07:08:39.000Z',
      event: 'progress',
      total: 40,
      ended: 29,
      left: 11,
      verified: 29,
      mismatched: 0,
      failed: 0,
      unknown: 0,
      perMinute: 60,
      endsAt: '2024-05-06T07:08:49.000Z',
      pausedUntil: null,
    })
    expect(Object.keys(line ?? {})).toEqual([
      'time',
      'level',
      'event',
      'message',
      'mode',
      'total',
      'ended',
      'endedBefore',
      'verified',
      'unverifiable',
      'mismatched',
      'failed',
      'unknown',
      'outcomes',
      'left',
      'requests',
      'perMinute',
      'rateLimited',
      'waitingForLookup',
      'lookups',
      'lookupsDenied',
      'waitedForLanesMs',
      'startedAt',
      'endsAt',
      'settledBy',
      'pausedUntil',
    ])
  })

  test('an audit compares, and what was sent before is looked up', async () => {
    const first = async (more: object) => (await watch(1, { more }))[0]
    expect(await first({ mode: 'audit' })).toBe('Comparing 1 row.')
    expect(await first({ left: 0, waitingForLookup: 12 })).toBe('Looking up 12 rows.')
    expect(await first({ left: 0, waitingForLookup: 1 })).toBe('Looking up 1 row.')
    expect(await first({ waitingForLookup: 1200 })).toBe('Sending 1 row, looking up 1,200.')
  })

  test('--quiet says nothing', async () => {
    expect(await watch(75, { quiet: true })).toEqual([''])
    expect(await watch(75, { quiet: true, columns: 80 })).toEqual([''])
  })

  test('a pace that is held back is told once', async () => {
    const lines = await watch(200, { more: { waitedForLanesMs: 20_000 } })
    expect(lines.filter(line => line.includes('--read-ahead reads further'))).toHaveLength(1)
  })
})

describe('on a terminal', () => {
  test('there is a bar, what its signs mean, and no lines', async () => {
    const [sending, bar, ...others] = await watch(75, { columns: 80 })
    expect(sending).toBe('Sending 75 rows.  ✓ verified  ≠ differ  ✗ failed')
    const drawn = bar?.split('\r') ?? []
    expect(drawn.at(-1)).toMatch(/█+ {2}75\/75 rows {2}60\/min {2}✓ 75 {2}≠ 0 {2}✗ 0/)
    expect(others).toEqual([])
  })

  test('something that must be said does not stick to the bar', async () => {
    const lines = await watch(5, { columns: 80 }, view => view.say('Stopping.', { event: 'stopping' }))
    expect(lines).toContain('Stopping.')
    expect(lines.at(-1)).toMatch(/5\/5 rows/)
  })

  test('the bar says what is to be looked up once all is sent', async () => {
    const more = { left: 0, waitingForLookup: 12, settledBy: new SimulatedClock().now() + 300_000 }
    const drawn = (await watch(75, { columns: 80, more }))[1]?.split('\r') ?? []
    expect(drawn.at(-1)).toMatch(/75\/75 .*12 to be looked up, at most 4 min$/)
  })

  test('a JSON log has no bar', async () => {
    const lines = await watch(40, { columns: 80, logFormat: 'json' })
    expect(lines.map(line => (JSON.parse(line) as { event: string }).event)).toEqual(['start', 'progress'])
  })
})
