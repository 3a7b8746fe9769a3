import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Progress, type Summary, TrackSyncError } from '../index.ts'
import type { Clock } from '../model/clock.ts'
import { type MetricsState, metricsText } from '../report/prometheus.ts'

/** A file with metrics of the run for a monitoring system, kept up to date while the run is in progress. */
export interface Metrics {
  /** Throws if the file cannot be written, before anything is sent. */
  begin: () => void
  start: (progress: Readonly<Progress>, folder: string) => void
  update: (progress: Readonly<Progress>) => void
  /** The run has ended with this summary. */
  ended: (summary: Summary) => void
  finish: (exitCode: number) => void
}

const writeEveryMs = 5000

/** `warn` is called once if the file can no longer be written; the run continues. */
export function createMetrics(
  path: string | undefined,
  clock: Clock,
  warn: (message: string) => void,
): Metrics {
  if (path !== undefined) return keepMetrics(path, clock, warn)
  return { begin() {}, start() {}, update() {}, ended() {}, finish() {} }
}

function keepMetrics(path: string, clock: Clock, warn: (message: string) => void): Metrics {
  const startedAt = clock.now()
  const state: MetricsState = {
    // Until there is a run, the name of the file distinguishes this job from others.
    run: basename(path, '.prom'),
    hasRun: false,
    startedAt,
    updatedAt: startedAt,
    progress: null,
    summary: null,
    exitCode: null,
  }
  let hasFailed = false

  function write(): void {
    state.updatedAt = clock.now()
    try {
      replace(path, metricsText(state))
    } catch (error) {
      if (!hasFailed) warn(`The metrics are no longer written: ${path} ${failureText(error)}.`)
      hasFailed = true
    }
  }

  return {
    begin: () => {
      try {
        replace(path, metricsText(state))
      } catch (error) {
        hasFailed = true
        throw new TrackSyncError('settings_invalid', `\`metrics\`: ${path} ${failureText(error)}.`, {
          field: 'metrics',
          file: path,
          expected: 'a file in a writable folder',
        })
      }
    },
    start: (progress, folder) => {
      state.run = basename(folder)
      state.hasRun = true
      state.progress = progress
      write()
    },
    update: progress => {
      state.progress = progress
      if (clock.now() - state.updatedAt >= writeEveryMs) write()
    },
    ended: summary => {
      state.run = summary.run
      state.hasRun = true
      state.summary = summary
    },
    finish: exitCode => {
      state.exitCode = exitCode
      write()
    },
  }
}

function failureText(error: unknown): string {
  return `cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`
}

/** A reader finds the old file or the new one, complete. The collector may run as another user. */
function replace(path: string, text: string): void {
  // Collectors read only files that end in .prom.
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  try {
    writeFileSync(part, text, { mode: 0o644 })
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}
