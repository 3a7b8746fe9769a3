import { expect, test } from 'vitest'
import { inFlightMax, killAndResume } from './killing.ts'

/** The proof proper kills two hundred times and takes minutes: `npm run proof`. This is the same, a fraction as long. */
const kills = Number(process.env['TRACK_SYNC_KILLS'] ?? 8)

test(
  `a run of events with faults survives ${kills} kills at random moments: nothing twice, nothing lost, nothing untrue`,
  async () => {
    const seed = Number(process.env['TRACK_SYNC_SEED'] ?? Date.now() % 1_000_000)
    const survived = await killAndResume({
      kills,
      events: kills * 50,
      users: kills * 15,
      faults: [
        { kind: 'refuse', status: 503, share: 0.01 },
        { kind: 'cut_after', share: 0.01 },
        { kind: 'cut_before', share: 0.01 },
        { kind: 'refuse', status: 429, share: 0.02, ms: 50 },
        { kind: 'refuse', status: 400, share: 0.01 },
      ],
      seed,
      livesMs: 1500,
    })
    console.log(`seed ${seed}: ${JSON.stringify(survived)}`)
    const { appliedTwice, forgotten, untrue, needlesslyUnknown } = survived
    expect({ appliedTwice, forgotten, untrue, needlesslyUnknown }).toEqual({
      appliedTwice: [],
      forgotten: [],
      untrue: [],
      needlesslyUnknown: [],
    })
    expect(survived.mostUnderWay).toBeLessThanOrEqual(inFlightMax)
    expect([survived.isComplete, survived.exitCode]).toEqual([true, 4])
  },
  30_000 + kills * 5000,
)
