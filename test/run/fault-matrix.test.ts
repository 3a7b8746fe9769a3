import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSandbox, type Fault, faultKinds, importFiles } from '../../src/index.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import type { ReasonCode } from '../../src/model/verdict.ts'
import { contradiction } from '../support/agreement.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { noExports } from '../support/looks.ts'
import { readCsv, temporaryFolder } from '../support/run-folder.ts'

/**
 * Three rows of one user; the fault strikes the first request for the second row. Each cell says how the three end, and
 * how often the second was applied: for what is harmless twice and for what is not, by either policy of the lane.
 */
interface Cells {
  safe: { hold: string; continue: string }
  unsafe: { hold: string; continue: string }
  exit?: number
}

const same = (cell: string): Cells['safe'] => ({ hold: cell, continue: cell })
const all = (cell: string, exit?: number): Cells => ({
  safe: same(cell),
  unsafe: same(cell),
  ...(exit === undefined ? {} : { exit }),
})
const rejected = { hold: 'verified rejected held ×0', continue: 'verified rejected verified ×0' }
const unknown = (times: number) => ({
  hold: `verified unknown held ×${times}`,
  continue: `verified unknown verified ×${times}`,
})
/** What a look at the profile settles: the row is applied once, whatever became of its first response. */
const settled = 'verified verified verified ×1'
/** Nothing was done and nobody can know: what is harmless is sent again, the rest stays unknown. */
const doubt: Cells = { safe: same('verified verified verified ×1'), unsafe: unknown(0) }
const refusal = all('verified not_sent not_sent ×0', 5)

const matrix: Record<string, { fault: Fault; ends: Cells }> = {
  'refuse 202': { fault: { kind: 'refuse', status: 202 }, ends: all('verified unverifiable verified ×0') },
  'refuse 400': { fault: { kind: 'refuse', status: 400 }, ends: { safe: rejected, unsafe: rejected } },
  'refuse 413': { fault: { kind: 'refuse', status: 413 }, ends: { safe: rejected, unsafe: rejected } },
  'refuse 401': { fault: { kind: 'refuse', status: 401 }, ends: refusal },
  'refuse 403': { fault: { kind: 'refuse', status: 403 }, ends: refusal },
  'refuse 404': { fault: { kind: 'refuse', status: 404 }, ends: refusal },
  'refuse 429': { fault: { kind: 'refuse', status: 429 }, ends: all('verified verified verified ×1') },
  'refuse 500': { fault: { kind: 'refuse', status: 500 }, ends: doubt },
  'refuse 502': { fault: { kind: 'refuse', status: 502 }, ends: doubt },
  'refuse 503': { fault: { kind: 'refuse', status: 503 }, ends: doubt },
  'refuse 504': { fault: { kind: 'refuse', status: 504 }, ends: doubt },
  html: { fault: { kind: 'html' }, ends: doubt },
  cut_before: { fault: { kind: 'cut_before' }, ends: doubt },
  cut_after: {
    fault: { kind: 'cut_after' },
    ends: { safe: same('verified verified verified ×2'), unsafe: unknown(1) },
  },
  silent: { fault: { kind: 'silent' }, ends: doubt },
  slow_body: { fault: { kind: 'slow_body', ms: 20 }, ends: all('verified verified verified ×1') },
  // The status says that it is done, half an answer proves nothing.
  truncated: {
    fault: { kind: 'truncated' },
    ends: { safe: same('verified verified verified ×2'), unsafe: unknown(1) },
  },
  'html with 201': { fault: { kind: 'html', status: 201 }, ends: doubt },
  'empty 204': { fault: { kind: 'refuse', status: 204 }, ends: doubt },
  'refuse 408': { fault: { kind: 'refuse', status: 408 }, ends: all('verified verified verified ×1') },
  'refuse 425': { fault: { kind: 'refuse', status: 425 }, ends: all('verified verified verified ×1') },
  'refuse 409': { fault: { kind: 'refuse', status: 409 }, ends: { safe: rejected, unsafe: rejected } },
  'refuse 422': { fault: { kind: 'refuse', status: 422 }, ends: { safe: rejected, unsafe: rejected } },
  'refuse 407': { fault: { kind: 'refuse', status: 407 }, ends: refusal },
  'refuse 421': { fault: { kind: 'refuse', status: 421 }, ends: refusal },
  'refuse 302': { fault: { kind: 'refuse', status: 302 }, ends: refusal },
  wrong_identifier: { fault: { kind: 'wrong_identifier' }, ends: all('verified mismatched verified ×1') },
}

/** What can be sent again, by whether it does harm. */
const classes: Record<string, { replay: 'safe' | 'unsafe'; row: (i: number) => object }> = {
  'a value': { replay: 'safe', row: i => ({ plan: `p${i}` }) },
  'an element of a list': { replay: 'safe', row: i => ({ tags: { add: [`t${i}`] } }) },
  'an increment': { replay: 'unsafe', row: i => ({ visits: { inc: 1 }, plan: `p${i}` }) },
  'an item of a list of objects': { replay: 'unsafe', row: i => ({ pets: { $add: [{ id: i }] } }) },
  'an event': { replay: 'unsafe', row: i => ({ name: 'n', time: `2024-01-0${i + 1}`, properties: { i } }) },
  'a purchase': {
    replay: 'unsafe',
    row: i => ({ product_id: 'p', time: `2024-01-0${i + 1}`, price: i, currency: 'EUR' }),
  },
}

/** What is no response: so long that every other one is there before, however busy the machine. */
const silenceMs = 2000
const runsDir = temporaryFolder()
const policies = ['hold', 'continue'] as const

test('every fault of the sandbox is in the matrix', () => {
  const struck = new Set(Object.values(matrix).map(({ fault }) => fault.kind))
  expect(struck).toEqual(new Set(Object.keys(faultKinds)))
})

describe.each(Object.entries(matrix))('%s', (_name, { fault, ends }) => {
  for (const [what, { replay, row }] of Object.entries(classes)) {
    for (const policy of policies) {
      test.concurrent(`strikes ${what}; the lane is to ${policy}, and nobody may look`, async () => {
        const { outcomes, times, exitCode } = await strike([fault, noExports], row, policy)
        expect(`${outcomes.join(' ')} ×${times}`).toBe(ends[replay][policy])
        expect(exitCode).toBe(ends.exit ?? exitOf(outcomes))
      })
    }
    test.concurrent(`strikes ${what}; the profile is looked up`, async () => {
      const { outcomes, times, exitCode } = await strike([fault], row, 'hold')
      const end = ends[replay].hold
      // An item that is there may have been there before: only one that is not there tells anything.
      const isTold =
        end.includes('unknown') && (what !== 'an item of a list of objects' || end.endsWith('×0'))
      expect(`${outcomes.join(' ')} ×${times}`).toBe(isTold ? settled : end)
      expect(exitCode).toBe(ends.exit ?? exitOf(outcomes))
    })
  }
})

async function strike(
  [fault, ...others]: [Fault, ...Fault[]],
  row: (i: number) => object,
  policy: 'hold' | 'continue',
) {
  const faults = [{ ...fault, calls: [2] }, ...others]
  const sandbox = await createSandbox({ limit: 'off', exportLimit: 'off', faults })
  try {
    const lines = [0, 1, 2].map(i => JSON.stringify({ external_id: 'u', ...row(i) }))
    const name = 'rows.ndjson'
    const { folder, summary } = await importFiles(
      {
        files: [
          {
            name,
            chunks: async function* () {
              yield Buffer.from(lines.join('\n'))
            },
          },
        ],
        url: sandbox.url,
        key: 'k',
        rate: 'off',
        ...(fault.kind === 'silent' ? { timeoutMs: silenceMs } : {}),
        afterUnknown: policy,
        afterRejected: policy,
        runsDir,
      },
      hastyClock(),
    )
    const { external_id: _user, ...second } = JSON.parse(lines[1] ?? '') as Record<string, unknown>
    const mark = JSON.stringify(second).slice(1, -1)
    const applied = sandbox.calls().filter(call => {
      const isApplied = call.fault === undefined ? call.status === 201 : faultKinds[call.fault].applies
      return isApplied && call.body.includes(mark)
    })
    const outcomes = readCsv(join(folder, 'rows.csv')).map(line => line['outcome'] ?? '')
    const values = readCsv(join(folder, 'values.csv'))
    for (const [i, outcome] of outcomes.entries()) {
      const own = values.filter(one => one['row'] === String(i + 1)).map(one => one['reason'] as ReasonCode)
      if (own.length > 0) expect(contradiction(outcome as Outcome, own)).toBeUndefined()
    }
    return { outcomes, times: applied.length, exitCode: summary.exitCode }
  } finally {
    await sandbox.close()
  }
}

function exitOf(outcomes: string[]): number {
  if (outcomes.includes('unknown')) return 4
  return outcomes.some(outcome => ['rejected', 'mismatched', 'held'].includes(outcome)) ? 1 : 0
}
