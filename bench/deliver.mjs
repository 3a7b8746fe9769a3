// Delivery with the pace off, everything included, against the barest loop there can be: csv-parse → undici, 50 in flight.
// npm run bench:deliver
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { Pool } from 'undici'
import { importFiles } from '../dist/index.js'
import { narrow } from './tables.mjs'

const rows = Number(process.argv[2] ?? 60_000)
const folder = mkdtempSync(join(tmpdir(), 'track-sync-bench-'))
const file = narrow(join(folder, 'narrow.csv'), rows)
const server = fork(new URL('echo-server.mjs', import.meta.url))
const [port] = await once(server, 'message')
const url = `http://127.0.0.1:${port}`

try {
  const ratios = []
  for (let round = 0; round < 4; round++) {
    const bare = rows / (await seconds(bareLoop))
    const ours = rows / (await seconds(() => delivery(round)))
    // The first round warms both up.
    if (round > 0) ratios.push(ours / bare)
    console.log(
      `round ${round}: bare ${bare.toFixed(0)} requests/s, track-sync ${ours.toFixed(0)}, ratio ${(ours / bare).toFixed(3)}`,
    )
  }
  const [low, middle, high] = ratios.toSorted((a, b) => a - b).map(ratio => ratio.toFixed(2))
  console.log(
    `delivery / bare csv-parse → undici loop: ${middle} of its requests a second (${low} to ${high})`,
  )
} finally {
  server.disconnect()
  rmSync(folder, { recursive: true })
}

async function bareLoop() {
  const pool = new Pool(url, { connections: 50, pipelining: 1 })
  const parser = createReadStream(file).pipe(parse({ columns: true }))
  const records = parser[Symbol.asyncIterator]()
  async function worker() {
    for (let next = await records.next(); !next.done; next = await records.next()) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/users/track/sync',
        headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
        body: JSON.stringify({ attributes: [next.value] }),
      })
      await body.text()
      if (statusCode !== 201) throw new Error(String(statusCode))
    }
  }
  await Promise.all(Array.from({ length: 50 }, worker))
  await pool.close()
}

/** From the first request to the last answer: planning and the report are measured elsewhere. */
async function delivery(round) {
  let [from, to] = [0, 0]
  const receipt = await importFiles({
    files: [file],
    url,
    key: 'k',
    rate: 'off',
    runsDir: folder,
    runId: `run-${round}`,
    onStart: () => (from = performance.now()),
    onProgress: () => (to = performance.now()),
  })
  if (receipt.summary.objects.verified !== rows) throw new Error('Not everything was verified.')
  return (to - from) / 1000
}

async function seconds(work) {
  const start = performance.now()
  const measured = await work()
  return measured ?? (performance.now() - start) / 1000
}
