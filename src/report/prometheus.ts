import { outcomeNames, outcomes } from '../model/outcome.ts'
import type { Progress } from '../model/progress.ts'
import type { Summary } from '../model/summary.ts'
import { version } from '../model/version.ts'

/** The state of a run, or of the attempt to start one. */
export interface MetricsState {
  /** The id of the run, or the name of the file until there is one. */
  run: string
  hasRun: boolean
  startedAt: number
  updatedAt: number
  progress: Readonly<Progress> | null
  summary: Summary | null
  /** Null while the process is running. */
  exitCode: number | null
}

interface Metric {
  name: string
  type: 'gauge' | 'counter'
  help: string
  /** Values by their labels; one without a value is left out. */
  values: { labels?: Record<string, string>; value: number | null | undefined }[]
}

/**
 * A run in the text format of Prometheus. Each line names the run, so that the files of several jobs can share a folder;
 * everything else is numbers.
 */
export function metricsText(state: MetricsState): string {
  const lines = metricsOf(state).flatMap(({ name, type, help, values }) => {
    const known = values.filter(({ value }) => value !== null && value !== undefined)
    if (known.length === 0) return []
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...known.map(
        ({ labels = {}, value }) => `${name}${labelsText({ run: state.run, ...labels })} ${value}`,
      ),
    ]
  })
  return `${lines.join('\n')}\n`
}

function metricsOf({ hasRun, startedAt, updatedAt, progress, summary, exitCode }: MetricsState): Metric[] {
  const isActive = exitCode === null
  const rows = outcomeNames.map(name => {
    return {
      labels: { outcome: name },
      value: summary?.objects[outcomes[name].key] ?? progress?.outcomes[name],
    }
  })
  return [
    gauge('run_info', 'The run, and the version of track-sync that wrote this file.', [
      { labels: { version }, value: hasRun ? 1 : null },
    ]),
    gauge('run_active', '1 while the process is running, 0 after it has ended.', [
      { value: isActive ? 1 : 0 },
    ]),
    gauge('run_exit_code', 'The exit code of the process; 0 is success.', [{ value: exitCode }]),
    gauge('run_start_timestamp_seconds', 'When this process started.', [{ value: seconds(startedAt) }]),
    gauge('run_end_timestamp_seconds', 'When it ended.', [{ value: isActive ? null : seconds(updatedAt) }]),
    gauge('run_expected_end_timestamp_seconds', 'When the run is expected to end.', [
      { value: isActive ? seconds(progress?.endsAt) : null },
    ]),
    gauge('updated_timestamp_seconds', 'When this file was written.', [{ value: seconds(updatedAt) }]),
    gauge('rows_planned', 'Rows of the whole run.', [{ value: progress?.total }]),
    gauge('rows_left', 'Rows that are still to be sent, or compared.', [{ value: progress?.left }]),
    gauge('rows_waiting_for_lookup', 'Rows that wait for a lookup of their profile.', [
      { value: isActive ? progress?.waitingForLookup : null },
    ]),
    counter('rows_total', 'Settled rows of the whole run, by outcome.', rows),
    counter('requests_total', 'Requests that this process sent.', [{ value: progress?.requests }]),
    counter('requests_rate_limited_total', 'Requests of this process that were answered with a 429.', [
      { value: progress?.rateLimited },
    ]),
    gauge('requests_per_minute', 'Requests sent in the last minute.', [
      { value: isActive && progress?.mode === 'import' ? Math.round(progress.perMinute) : null },
    ]),
    counter('lookup_requests_total', 'Requests of this process that read profiles.', [
      { value: progress?.lookups },
    ]),
    counter(
      'values_total',
      'Requested values of the whole run, by verdict; known at the end.',
      Object.entries(summary?.values ?? {})
        .filter(([name]) => name !== 'total')
        .map(([name, value]) => ({ labels: { verdict: snake(name) }, value })),
    ),
  ]
}

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name: `track_sync_${name}`, type: 'gauge', help, values }
}

function counter(name: string, help: string, values: Metric['values']): Metric {
  return { ...gauge(name, help, values), type: 'counter' }
}

function labelsText(labels: Record<string, string>): string {
  const escape = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return `{${pairs.join(',')}}`
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms) / 1000
}

/** `notApplied` in the spelling of Prometheus. */
function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
