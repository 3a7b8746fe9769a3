import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startTrackSync } from '../support/cli.ts'
import { type HostileHost, moments } from './host.ts'
import type { Scenario } from './scenarios.ts'

/** What a process is doing when it is killed. */
export const phases = ['starting', 'planning', 'sending', 'reporting'] as const
export type Phase = (typeof phases)[number]

/** Where a run takes place, and with what. */
export interface Place {
  scenario: Scenario
  folder: string
  host: HostileHost
  random: () => number
  rows: Buffer
}

/** How a run that was killed again and again came to its end. */
export interface Killed {
  kills: Record<Phase, number>
  exitCode: number
  /** Times two processes were started at once, and times both of them worked. */
  pairs: number
  bothWorked: number
}

/** Requests in flight at most. */
export const inFlightMax = 8
/** A process is ready for its first request within so long, where nothing else keeps the machine busy. */
const startMs = 600
/** No machine is so busy that a process of these few rows lives so long. */
const hangsMs = 300_000
const policies =
  `--rate off --concurrency ${inFlightMax} --max-errors 100% --max-retries 100000 --quiet`.split(' ')
const runId = 'run'

/** Begins a run, kills its process in each of these phases, goes on with it each time, and lets it end. */
export async function killAgainAndAgain(place: Place, planned: readonly Phase[]): Promise<Killed> {
  const killed: Killed = {
    kills: { starting: 0, planning: 0, sending: 0, reporting: 0 },
    exitCode: -1,
    pairs: 0,
    bothWorked: 0,
  }
  const todo = [...planned]
  for (let lives = 0; lives <= planned.length * 2 + 3; lives++) {
    const phase = todo.shift()
    const args = commandOf(place)
    const isPair = phase !== undefined && args[0] !== 'import' && place.random() < 0.2
    const child = isPair ? await winnerOf(place, args, killed) : start(place, args)
    const disarm = phase === undefined ? () => {} : arm(place, phase, child.process)
    const stillThere = after(hangsMs, () => child.process.kill('SIGABRT'))
    const code = await child.ended
    stillThere()
    disarm()
    if (child.process.signalCode === 'SIGABRT') throw new Error(`${args.join(' ')} did not end.`)
    if (code === null) {
      if (phase !== undefined) killed.kills[phase]++
    } else if (isOver(code)) return { ...killed, exitCode: code }
    else if (code === 6) return { ...killed, exitCode: await reportOf(place) }
    else if (code !== 130) throw new Error(`${args.join(' ')} ended with ${code}: ${child.said()}`)
  }
  throw new Error(`${place.scenario.name}: the run does not come to its end.`)
}

/** Finished, with whatever outcomes. */
function isOver(code: number): boolean {
  return code === 0 || code === 1 || code === 4
}

/** What a user types next: the same again, or resume where the run got as far as its first line. */
function commandOf({ scenario, folder }: Place): string[] {
  const { begins, flags } = scenario
  if (begins === 'once') return ['import', 'rows.ndjson', ...flags, ...policies]
  const run = join(folder, 'reports', runId)
  if (existsSync(join(run, 'journal.ndjson')) && journalOf(folder) !== '')
    return ['resume', runId, ...policies]
  rmSync(run, { recursive: true, force: true })
  return ['import', begins === 'stream' ? '-' : 'rows.ndjson', '--run-id', runId, ...flags, ...policies]
}

/** A run that was killed over its report has finished, and is reported on once more. */
async function reportOf(place: Place): Promise<number> {
  const report = start(place, ['report', runId, '--quiet'])
  const code = await report.ended
  if (code === null || !isOver(code)) throw new Error(`report ended with ${code}: ${report.said()}`)
  return code
}

interface Started {
  process: ChildProcess
  /** Its exit code; null where a signal ended it. */
  ended: Promise<number | null>
  said: () => string
}

function start({ folder, host, rows, random }: Place, args: string[]): Started {
  const isFed = args.includes('-')
  const child = startTrackSync(args, {
    cwd: folder,
    env: { BRAZE_API_URL: host.url, BRAZE_API_KEY: 'k' },
    stdio: [isFed ? 'pipe' : 'ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  if (isFed) void feed(child, rows, random)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { process: child, ended, said: () => said }
}

/** A stream comes in pieces, as from a slow disk. */
async function feed({ stdin }: ChildProcess, rows: Buffer, random: () => number): Promise<void> {
  if (stdin === null) return
  // Who reads it may be killed over it.
  stdin.on('error', () => {})
  const pieces = 4
  for (let i = 0; i < pieces && !stdin.destroyed; i++) {
    stdin.write(rows.subarray((rows.length * i) / pieces, (rows.length * (i + 1)) / pieces))
    await sleep(random() * 30)
  }
  stdin.end()
}

/** Starts the same twice at once. One of them is turned away; the other is returned. */
async function winnerOf(place: Place, args: string[], killed: Killed): Promise<Started> {
  const pair = [start(place, args), start(place, args)] as const
  killed.pairs++
  const first = await Promise.race(pair.map(async one => ({ one, code: await one.ended })))
  const other = pair[first.one === pair[0] ? 1 : 0]
  if (first.code === 6) {
    // Or the other one has brought the run to its end, and only its process is still there.
    if (!/ is in use: |has finished; /.test(first.one.said())) throw new Error(first.one.said())
    return other
  }
  // It came to its end before the other one was turned away.
  if ((await other.ended) !== 6) killed.bothWorked++
  return first.one
}

/** Kills the process once it is in that phase; returns how to let it live. */
function arm({ folder, host, random, scenario }: Place, phase: Phase, child: ChildProcess): () => void {
  const kill = () => void child.kill('SIGKILL')
  const calls = Math.floor(random() * 12)
  switch (phase) {
    case 'starting':
      return after(random() * startMs, kill)
    case 'planning': {
      const isThere = () => readdirSync(join(folder, 'reports')).length > (scenario.hasEarlier ? 1 : 0)
      return when(isThere, () => after(random() * 60, kill))
    }
    case 'sending':
      return host.at(calls, moments[Math.floor(random() * moments.length)] ?? 'arrived', kill)
    case 'reporting': {
      const ends = endsIn(journalOf(folder))
      let disarm = () => {}
      const disarmCalls = host.at(calls, 'arrived', () => {
        child.kill('SIGINT')
        disarm = when(
          () => endsIn(journalOf(folder)) > ends,
          () => after(random() * 120, kill),
        )
      })
      return () => {
        disarmCalls()
        disarm()
      }
    }
  }
}

function endsIn(journal: string): number {
  return journal.split('"t":"end"').length
}

/** The journal as it is now; empty where there is none. */
export function journalOf(folder: string): string {
  const path = journalPath(folder)
  return path === undefined ? '' : readFileSync(path, 'utf8')
}

/** The journal of the run that is killed, whatever its name. */
export function journalPath(folder: string): string | undefined {
  const run = readdirSync(join(folder, 'reports')).find(name => name !== 'earlier')
  const path = run === undefined ? undefined : join(folder, 'reports', run, 'journal.ndjson')
  return path !== undefined && existsSync(path) ? path : undefined
}

/** Looks again and again; returns how to stop looking, and what it then began. */
function when(isSo: () => boolean, begin: () => () => void): () => void {
  let stop = () => {}
  const timer = setInterval(() => {
    if (!isSo()) return
    clearInterval(timer)
    stop = begin()
  }, 2)
  return () => {
    clearInterval(timer)
    stop()
  }
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms)
  return () => clearTimeout(timer)
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
