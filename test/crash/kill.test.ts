import { expect, test } from 'vitest'
import { inFlightMax } from './killing.ts'
import { killsIn, type Proof, prove } from './proof.ts'
import { scenarios } from './scenarios.ts'

/** The proof proper kills a thousand times and takes minutes: `npm run proof`. This is the same, a fraction as long. */
const kills = Number(process.env['TRACK_SYNC_KILLS'] ?? scenarios.length)
const seed = Number(process.env['TRACK_SYNC_SEED'] ?? Date.now() % 1_000_000)
/** Runs wait as often as they compute, so that more of them than cores go side by side. */
const sideBySide = 4

test(
  `${scenarios.length} kinds of runs survive ${kills} kills at any moment: nothing twice, nothing lost, nothing untrue`,
  async () => {
    const proofs: Proof[] = []
    const todo = scenarios.map((scenario, i) => ({ scenario, kills: shareOf(i), seed: seed + i * 104_729 }))
    const work = async () => {
      for (let next = todo.shift(); next !== undefined; next = todo.shift())
        proofs.push(await prove(next.scenario, next.kills, next.seed).catch(withSeed(next.scenario.name)))
    }
    await Promise.all(Array.from({ length: sideBySide }, work))
    console.log(`seed ${seed}\n${tableOf(proofs)}`)
    for (const { scenario, twice, lost, mislabelled, bothWorked, mostOpen } of proofs) {
      expect({ scenario, twice, lost, mislabelled, bothWorked }).toEqual({
        scenario,
        twice: [],
        lost: [],
        mislabelled: [],
        bothWorked: 0,
      })
      // What is harmless twice rests between two attempts while others leave, and the last answer is told with the next.
      if (!isHarmlessTwice(scenario)) expect(mostOpen, scenario).toBeLessThanOrEqual(inFlightMax)
    }
    expect(proofs.reduce((sum, proof) => sum + killsIn(proof), 0)).toBeGreaterThanOrEqual(kills)
  },
  600_000 + kills * 10_000,
)

function isHarmlessTwice(name: string): boolean {
  return scenarios.some(scenario => scenario.name === name && scenario.isHarmlessTwice)
}

function withSeed(scenario: string): (error: unknown) => never {
  return cause => {
    throw new Error(`${scenario}, TRACK_SYNC_SEED=${seed}: ${String(cause)}`, { cause })
  }
}

/** Every scenario has its share of the kills; where there are fewer than scenarios, the seed decides who has one. */
function shareOf(scenario: number): number {
  const place = (scenario + seed) % scenarios.length
  return Math.floor((kills + scenarios.length - 1 - place) / scenarios.length)
}

function tableOf(proofs: Proof[]): string {
  const lines = proofs.map(proof => {
    const { scenario, runs, rows, kills: inPhase, pairs, outcomes, twice, lost, mislabelled } = proof
    const { starting, planning, sending, reporting } = inPhase
    const phases = [starting, planning, sending, reporting]
    const found = [twice, lost, mislabelled].map(({ length }) => length)
    return [scenario, runs, rows, killsIn(proof), ...phases, pairs, outcomes['unknown'] ?? 0, ...found]
  })
  const heads =
    'scenario,runs,rows,kills,starting,planning,sending,reporting,pairs,unknown,twice,lost,mislabelled'
  const sums = lines.reduce<(string | number)[]>(
    (sum, line) => sum.map((cell, i) => (i === 0 ? cell : Number(cell) + Number(line[i]))),
    ['all', ...Array<number>(12).fill(0)],
  )
  return [heads.split(','), ...lines, sums]
    .map(
      ([name, ...cells]) => String(name).padEnd(16) + cells.map(cell => String(cell).padStart(12)).join(''),
    )
    .join('\n')
}
