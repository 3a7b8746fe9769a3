// How fast planning is: everything it does, against csv-parse alone reading the same file into records, against a bare
// splitter of lines, and for NDJSON against that splitter with JSON.parse; and what an array of JSON costs beside the same
// objects as NDJSON, in CPU. Same process, in turn.
// npm run bench            (the sizes below take a few minutes; `npm run bench -- 0.1` a tenth of them)
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { plan } from '../dist/index.js'
import { array, ndjson, narrow, quoted, splitLines, wide } from './tables.mjs'

const share = Number(process.argv[2] ?? 1)
const folder = mkdtempSync(join(tmpdir(), 'track-sync-bench-'))
const file = (name, write, rows) => ({
  path: write(join(folder, name), Math.round(rows * share)),
  rows: Math.round(rows * share),
})

try {
  const narrowFile = file('narrow.csv', narrow, 1_000_000)
  const wideFile = file('wide.csv', wide, 200_000)
  const linesFile = file('narrow.ndjson', ndjson, 1_000_000)
  await compare('narrow CSV, 6 columns, one cell in thirty quoted', narrowFile, {
    'csv-parse alone': records,
    'bare line splitter': lines,
  })
  for (const [words, part] of [
    ['no cell', 0],
    ['a fifth of the cells', 0.2],
    ['all cells', 1],
  ]) {
    const table = file(`quoted-${part}.csv`, (path, rows) => quoted(path, rows, part), 1_000_000)
    await compare(`narrow CSV, ${words} quoted`, table, { 'csv-parse alone': records })
  }
  await compare('wide CSV, 40 columns', wideFile, { 'csv-parse alone': records, 'bare line splitter': lines })
  await compare('NDJSON, 6 fields', linesFile, {
    'line splitter and JSON.parse': values,
    'bare line splitter': lines,
  })
  await compareCpu(linesFile, file('narrow.json', array, 1_000_000))
} finally {
  rmSync(folder, { recursive: true })
}

/** The CPU of a plan of an array over that of the same objects as NDJSON, the middle of five rounds. */
async function compareCpu(lined, arrayed) {
  const found = []
  for (let round = 0; round < 5; round++) {
    const cpu = []
    for (const { path } of [lined, arrayed]) {
      const before = process.cpuUsage()
      await plan({ files: [path] })
      const { user, system } = process.cpuUsage(before)
      cpu.push(user + system)
    }
    found.push(cpu[1] / cpu[0])
  }
  const [low, , middle, , high] = found.toSorted((a, b) => a - b).map(ratio => ratio.toFixed(2))
  console.log(`plan of a JSON array / NDJSON, 6 fields: ${middle} of its CPU (${low} to ${high})`)
}

/** The speed of a plan as a share of each floor's, the middle of three rounds. */
async function compare(name, { path, rows }, floors) {
  const ratios = Object.fromEntries(Object.keys(floors).map(floor => [floor, []]))
  for (let round = 0; round < 3; round++) {
    const ours = await milliseconds(() => plan({ files: [path] }).then(({ objects }) => objects), rows)
    for (const [floor, read] of Object.entries(floors)) {
      ratios[floor].push((await milliseconds(() => read(path), rows)) / ours)
    }
  }
  for (const [floor, found] of Object.entries(ratios)) {
    const [low, middle, high] = found.toSorted((a, b) => a - b).map(ratio => ratio.toFixed(3))
    console.log(
      `plan / ${floor}, ${name}, ${rows.toLocaleString('en')} rows: ${middle} of its speed (${low} to ${high})`,
    )
  }
}

async function records(path) {
  let rows = 0
  for await (const _ of createReadStream(path).pipe(parse({ columns: true }))) rows++
  return rows
}

async function lines(path) {
  let rows = 0
  for await (const _ of splitLines(createReadStream(path, { highWaterMark: 256 * 1024 }))) rows++
  return path.endsWith('.csv') ? rows - 1 : rows
}

async function values(path) {
  let rows = 0
  for await (const line of splitLines(createReadStream(path, { highWaterMark: 256 * 1024 })))
    if (typeof JSON.parse(line.toString()) === 'object') rows++
  return rows
}

async function milliseconds(work, expected) {
  const start = performance.now()
  const rows = await work()
  if (rows !== expected) throw new Error(`${rows} rows were read, not ${expected}`)
  return performance.now() - start
}
