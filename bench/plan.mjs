// How fast planning is, against csv-parse alone reading the same file into records, in the same process.
// npm run bench
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { plan } from '../dist/index.js'

const folder = mkdtempSync(join(tmpdir(), 'track-sync-bench-'))
const narrow = join(folder, 'narrow.csv')
const wide = join(folder, 'wide.csv')
writeFileSync(narrow, table(300_000, 6))
writeFileSync(wide, table(60_000, 40))

try {
  for (const [name, file] of [
    ['narrow, 300,000 rows of 6 columns', narrow],
    ['wide, 60,000 rows of 40 columns', wide],
  ]) {
    const ratios = []
    for (let round = 0; round < 3; round++) {
      const floor = await milliseconds(() => readAlone(file))
      const ours = await milliseconds(() => plan({ files: [file] }))
      ratios.push(floor / ours)
    }
    const [low, middle, high] = ratios.toSorted((a, b) => a - b).map(ratio => ratio.toFixed(2))
    console.log(`plan / csv-parse alone, ${name}: ${middle} of its speed (${low} to ${high})`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function readAlone(file) {
  let rows = 0
  for await (const _ of createReadStream(file).pipe(parse({ columns: true }))) rows++
  return rows
}

async function milliseconds(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function table(rows, columns) {
  const names = Array.from({ length: columns - 1 }, (_, i) => `column_${i}`)
  const lines = [`external_id,${names.join(',')}`]
  for (let row = 0; row < rows; row++) {
    lines.push(`user-${row},${names.map((_, i) => cell(row, i)).join(',')}`)
  }
  return `${lines.join('\n')}\n`
}

function cell(row, column) {
  if (column % 5 === 0) return `"text, quoted ${row}"`
  return column % 2 === 0 ? String((row * 7) % 90) : `plain text ${row % 1000}`
}
