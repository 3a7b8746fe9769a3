import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { draw } from '../../src/sandbox/random.ts'
import { trackSync } from '../support/cli.ts'
import { audit, type Findings, type ProofRow } from './audit.ts'
import { hostileHost } from './host.ts'
import { journalPath, killAgainAndAgain, type Phase, phases } from './killing.ts'
import type { Scenario } from './scenarios.ts'

/** All that was found in the runs of one scenario. */
export interface Proof extends Findings {
  scenario: string
  runs: number
  kills: Record<Phase, number>
  pairs: number
  bothWorked: number
}

/** Kills of one run at most; then it may end, and another begins. */
const killsOfRun = 12
const firstToken = 1_000_000

/** Runs of a scenario until their processes were killed so often, each held against the account of its host. */
export async function prove(scenario: Scenario, kills: number, seed: number): Promise<Proof> {
  const proof = nothingYet(scenario.name)
  for (let left = kills; left > 0; left = kills - killsIn(proof)) {
    const random = sequence(seed + proof.runs * 7919)
    await oneRun(scenario, Math.min(left, killsOfRun), random, proof)
  }
  return proof
}

export function killsIn({ kills }: Proof): number {
  return phases.reduce((sum, phase) => sum + kills[phase], 0)
}

async function oneRun(scenario: Scenario, kills: number, random: () => number, proof: Proof): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'track-sync-kill-'))
  mkdirSync(join(folder, 'reports'))
  const { rows, users, text } = inputOf(scenario, 20 + kills * 20, random)
  const host = await hostileHost(random, {
    laneOf: token => `${users.get(token)} ${scenario.lane?.(token) ?? ''}`,
    isRefused: token => token % 40 === 7,
  })
  try {
    const bytes = Buffer.from(`${text.join('\n')}\n`)
    writeFileSync(join(folder, 'rows.ndjson'), bytes)
    if (scenario.hasEarlier) {
      host.behave(true)
      await sendEarlier(folder, text, host.url)
      host.behave(false)
      host.clear()
    }
    const place = { scenario, folder, host, random, rows: bytes }
    const killed = await killAgainAndAgain(place, phasesOf(kills, random))
    const journal = journalPath(folder)
    if (journal === undefined) throw new Error(`${scenario.name}: there is no journal.`)
    add(proof, await audit(journal, rows, scenario, host.known, killed.exitCode))
    for (const phase of phases) proof.kills[phase] += killed.kills[phase]
    proof.pairs += killed.pairs
    proof.bothWorked += killed.bothWorked
    proof.runs++
  } finally {
    await host.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One of thirty rows is of nobody; the others are of a third as many users, some of whom have many. */
function inputOf(scenario: Scenario, count: number, random: () => number) {
  const users = new Map<number, string>()
  const rows: ProofRow[] = []
  const text: string[] = []
  for (let i = 0; i < count; i++) {
    const token = firstToken + i
    const isAlone = scenario.hasEarlier === true && i % 2 === 0
    const user = isAlone ? `alone${i}` : `u${Math.floor((count / 3) ** random())}`
    const isValid = random() > 1 / 30
    users.set(token, user)
    rows.push({ token, isValid })
    const { external_id: _, ...nobody } = scenario.object(token, user)
    text.push(JSON.stringify(isValid ? scenario.object(token, user) : nobody))
  }
  return { users, rows, text }
}

/** Sends every other row before, so that there is something that need not be sent again. */
async function sendEarlier(folder: string, text: string[], url: string): Promise<void> {
  writeFileSync(join(folder, 'earlier.ndjson'), text.filter((_, i) => i % 2 === 0).join('\n'))
  const args = ['import', 'earlier.ndjson', '--run-id', 'earlier', '--rate', 'off', '--quiet']
  const env = { BRAZE_API_URL: url, BRAZE_API_KEY: 'k' }
  const { code, stderr } = await trackSync([...args, '--max-errors', '100%'], { cwd: folder, env })
  if (code !== 0 && code !== 1) throw new Error(`The earlier run ended with ${code}: ${stderr}`)
}

/** A run is planned but once, so that is where it is killed first, more often than not. */
function phasesOf(kills: number, random: () => number): Phase[] {
  const pick = (): Phase => {
    const drawn = random()
    return drawn < 0.1 ? 'starting' : drawn < 0.35 ? 'reporting' : 'sending'
  }
  const isPlanningFirst = random() < 0.7
  return Array.from({ length: kills }, (_, i) => (i === 0 && isPlanningFirst ? 'planning' : pick()))
}

function nothingYet(scenario: string): Proof {
  return {
    scenario,
    runs: 0,
    kills: { starting: 0, planning: 0, sending: 0, reporting: 0 },
    pairs: 0,
    bothWorked: 0,
    rows: 0,
    outcomes: {},
    twice: [],
    lost: [],
    mislabelled: [],
    mostOpen: 0,
  }
}

function add(proof: Proof, found: Findings): void {
  proof.rows += found.rows
  proof.twice.push(...found.twice)
  proof.lost.push(...found.lost)
  proof.mislabelled.push(...found.mislabelled)
  proof.mostOpen = Math.max(proof.mostOpen, found.mostOpen)
  for (const [outcome, count] of Object.entries(found.outcomes))
    proof.outcomes[outcome] = (proof.outcomes[outcome] ?? 0) + count
}

/** Numbers from 0 to 1, the same for the same seed. */
function sequence(seed: number): () => number {
  let place = 0
  return () => draw(seed, place++)
}
