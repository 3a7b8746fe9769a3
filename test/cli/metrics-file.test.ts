import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createConsole } from '../../src/cli/console.ts'
import { createMetrics } from '../../src/cli/metrics-file.ts'
import { sendWithProgress } from '../../src/cli/sending.ts'
import { TrackSyncError } from '../../src/index.ts'
import { progressOf } from '../support/progress.ts'
import { temporaryFolder } from '../support/run-folder.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'
import { Screen } from '../support/terminal.ts'

const folder = temporaryFolder()
const figure = (path: string, name: string) =>
  new RegExp(`^track_sync_${name}(?:\\{.*\\})? (.+)$`, 'm').exec(readFileSync(path, 'utf8'))?.[1]

describe('the file of metrics', () => {
  test('is kept up to date every few seconds, whole at any moment, and for others to read', async () => {
    const clock = new SimulatedClock()
    const path = join(folder, 'run.prom')
    const metrics = createMetrics(path, clock, () => {})
    metrics.begin()
    expect([figure(path, 'run_active'), figure(path, 'rows_planned')]).toEqual(['1', undefined])
    metrics.start(progressOf({ requests: 0 }), 'reports/r1')
    for (let requests = 1; requests <= 9; requests++) {
      await clock.advance(1000)
      metrics.update(progressOf({ requests }))
    }
    expect(figure(path, 'requests_total')).toBe('5')
    metrics.finish(130)
    expect([figure(path, 'requests_total'), figure(path, 'run_exit_code')]).toEqual(['9', '130'])
    expect(readdirSync(folder)).toEqual(['run.prom'])
    expect(statSync(path).mode & 0o777).toBe(0o644)
  })

  test('that cannot be written is told before the run begins', () => {
    const metrics = createMetrics(join(folder, 'nowhere', 'x.prom'), new SimulatedClock(), () => {})
    expect(() => metrics.begin()).toThrow(/`metrics`: .*x\.prom cannot be written \(ENOENT\)/)
  })

  test('that cannot be written any more is told once, and ends no run', async () => {
    const clock = new SimulatedClock()
    const place = join(folder, 'place')
    mkdirSync(place)
    const warnings: string[] = []
    const metrics = createMetrics(join(place, 'x.prom'), clock, message => warnings.push(message))
    metrics.begin()
    rmSync(place, { recursive: true })
    metrics.start(progressOf(), 'reports/r1')
    metrics.finish(0)
    expect(warnings).toEqual([expect.stringContaining('are no longer written')])
  })

  test.each([
    ['the input is refused', new TrackSyncError('file_not_found', 'There is no file.'), '2'],
    ['there is a bug of ours', new Error('oops'), '70'],
  ])('says how it ended where %s', async (_name, error, code) => {
    const path = join(folder, 'failed.prom')
    const console = createConsole({ stderr: new Screen(), stdout: new Screen() })
    const clock = new SimulatedClock()
    const run = () => Promise.reject(error)
    expect(String(await sendWithProgress('import', { metrics: path }, console, run, clock))).toBe(code)
    expect([figure(path, 'run_active'), figure(path, 'run_exit_code')]).toEqual(['0', code])
    expect(readFileSync(path, 'utf8')).toContain('{run="failed"}')
  })

  test('is none where nobody asks for one', async () => {
    const before = readdirSync(folder)
    const metrics = createMetrics(undefined, new SimulatedClock(), () => {})
    metrics.begin()
    metrics.finish(0)
    expect([readdirSync(folder), existsSync('undefined')]).toEqual([before, false])
  })
})
