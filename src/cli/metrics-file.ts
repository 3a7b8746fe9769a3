import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Progress, type Summary, TrackSyncError } from '../index.ts'
import type { Clock } from '../model/clock.ts'
import { type MetricsState, metricsText } from '../report/prometheus.ts'

/** A file that tells a monitoring system of the run, kept up to date while it is under way. */
export interface Metrics {
  /** Throws where the file cannot be written: that is better known before than after. */
  begin: () => void
  start: (progress: Readonly<Progress>, folder: string) => void
  update: (progress: Readonly<Progress>) => void
  /** The run has ended, and this is what it came to. */
  ended: (summary: Summary) => void
  finish: (exitCode: number) => void
}

const writeEveryMs = 5000

/** `warn` is told once if the file cannot be written any more; a run does not end for that. */
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
    // As long as there is no run, the file's own name tells it from those of other jobs.
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
      if (!hasFailed) warn(`The metrics are no longer written: ${path} ${why(error)}.`)
      hasFailed = true
    }
  }

  return {
    begin: () => {
      try {
        replace(path, metricsText(state))
      } catch (error) {
        hasFailed = true
        throw new TrackSyncError('settings_invalid', `\`metrics\`: ${path} ${why(error)}.`, {
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

function why(error: unknown): string {
  return `cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`
}

/** Whoever reads finds the old file or the new one, whole. A collector of other rights than ours must be able to. */
function replace(path: string, text: string): void {
  // Collectors read what ends in .prom, so this is none yet.
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  try {
    writeFileSync(part, text, { mode: 0o644 })
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}
