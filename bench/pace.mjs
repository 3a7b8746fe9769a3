// How well the limit is kept and used: five real minutes at 500 a minute, against a sandbox whose window is strict
// wherever it begins, with slow answers and users drawn so that a few have most of the rows.
// npm run bench:pace
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, importFiles } from '../dist/index.js'

const minutes = Number(process.argv[2] ?? 5)
const limit = 500
const rows = Math.ceil(limit * (minutes + 0.5))
const runsDir = mkdtempSync(join(tmpdir(), 'track-sync-bench-'))
const sandbox = await createSandbox({ limit, window: 'rolling', latency: { p50: 150, p95: 900 } })
const stop = new AbortController()
setTimeout(() => stop.abort({ exit: 'interrupted', message: 'The time is over.' }), minutes * 60_000)

try {
  await importFiles({ files: [source(rows)], url: sandbox.url, key: 'k', runsDir, stop })
  const calls = sandbox.calls()
  const times = calls.map(({ at }) => at)
  const span = times.at(-1) - times[0]
  console.log(`requests: ${calls.length} in ${(span / 1000).toFixed(1)} s`)
  console.log(`429 responses: ${calls.filter(({ status }) => status === 429).length}`)
  console.log(`most in any 60 s: ${fullest(times, 60_000)} of ${limit}`)
  console.log(`of the limit used: ${(((times.length - 1) / (span / 60_000) / limit) * 100).toFixed(2)} %`)
} finally {
  await sandbox.close()
  rmSync(runsDir, { recursive: true })
}

/** Rows of 300 users; the first of them has one row in six. */
function source(count) {
  let state = 7
  const draw = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
  const lines = Array.from({ length: count }, (_, i) => `u${Math.floor(300 ** draw()) - 1},${i}`)
  const chunks = async function* () {
    yield Buffer.from(`external_id,n\n${lines.join('\n')}\n`)
  }
  return { name: 'rows.csv', chunks }
}

function fullest(times, ms) {
  let [most, from] = [0, 0]
  for (const [i, at] of times.entries()) {
    while (at - times[from] >= ms) from++
    most = Math.max(most, i - from + 1)
  }
  return most
}
