// Delivery with the pace off, everything included, against the barest loop there can be: csv-parse → undici, 50 in flight;
// over a network of 10 ms, which is faster than any that leads to Braze, and of none.
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

try {
  for (const delayMs of [10, 0]) await compare(delayMs)
} finally {
  rmSync(folder, { recursive: true })
}

async function compare(delayMs) {
  const server = fork(new URL('echo-server.mjs', import.meta.url), [String(delayMs)])
  const [port] = await once(server, 'message')
  const url = `http://127.0.0.1:${port}`
  const ratios = []
  for (let round = 0; round < 4; round++) {
    const bare = await measured(() => bareLoop(url))
    const ours = await measured(() => delivery(url, `${delayMs}-${round}`))
    const ratio = ours.speed / bare.speed
    // The first round warms both up.
    if (round > 0) ratios.push(ratio)
    console.log(
      `${delayMs} ms, round ${round}: bare ${told(bare)}, track-sync ${told(ours)}, ratio ${ratio.toFixed(3)}`,
    )
  }
  server.disconnect()
  const [low, middle, high] = ratios.toSorted((a, b) => a - b).map(ratio => ratio.toFixed(2))
  console.log(
    `delivery / bare csv-parse → undici loop, answers after ${delayMs} ms: ${middle} of its requests a second (${low} to ${high})`,
  )
}

async function bareLoop(url) {
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
async function delivery(url, runId) {
  const span = {}
  const receipt = await importFiles({
    files: [file],
    url,
    key: 'k',
    rate: 'off',
    runsDir: folder,
    runId,
    onStart: () => (span.from = now()),
    onProgress: () => (span.to = now()),
  })
  if (receipt.summary.objects.verified !== rows) throw new Error('Not everything was verified.')
  return span
}

/** Requests a second, and what one of them costs this process. */
async function measured(work) {
  const start = now()
  const { from = start, to = now() } = (await work()) ?? {}
  return { speed: rows / (to.seconds - from.seconds), cpu: (to.cpu - from.cpu) / rows }
}

function now() {
  const { user, system } = process.cpuUsage()
  return { seconds: performance.now() / 1000, cpu: user + system }
}

function told({ speed, cpu }) {
  return `${speed.toFixed(0)} requests/s of ${cpu.toFixed(0)} µs`
}
