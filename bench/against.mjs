// What it costs in CPU to index an export on disk, against reading its lines and JSON.parse, nothing else; what a look costs,
// against reading and parsing the line of a user at a place that is known; and the memory and the disk it takes. Same
// machine, in turn, each in a process of its own; the middle of three rounds.
// npm run bench:against            (some minutes; `npm run bench:against -- 0.1` a tenth of the users)
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exported } from './tables.mjs'

const share = Number(process.argv[2] ?? 1)
const folder = mkdtempSync(join(tmpdir(), 'track-sync-bench-'))
const script = fileURLToPath(new URL('against-once.mjs', import.meta.url))

try {
  for (const users of [100_000, 1_000_000].map(count => Math.round(count * share))) measure(users)
} finally {
  rmSync(folder, { recursive: true })
}

function measure(users) {
  const file = exported(join(folder, `${users}.txt`), users)
  const rounds = [1, 2, 3].map(() => {
    const floor = once('floor', file, users)
    const ours = once('index', file, users)
    return {
      index: ours.indexMs / floor.indexMs,
      look: ours.lookMs / floor.lookMs,
      disk: ours.diskBytes / statSync(file).size,
      memory: ours.megabytes,
    }
  })
  const name = `${users.toLocaleString('en')} users of 1 KB`
  say(`index / line splitter and JSON.parse, ${name}`, rounds, 'index', 'times its CPU')
  say(`look / reading the line of a known place, ${name}`, rounds, 'look', 'times its CPU')
  say(`index on disk / the export, ${name}`, rounds, 'disk', 'times its size')
  say(`memory of the process, ${name}`, rounds, 'memory', 'MB')
}

function say(what, rounds, name, unit) {
  const digits = name === 'memory' ? 0 : 2
  const found = rounds.map(round => round[name]).toSorted((a, b) => a - b)
  const [low, middle, high] = found.map(one => one.toFixed(digits))
  console.log(`${what}: ${middle} ${unit} (${low} to ${high})`)
}

function once(what, file, users) {
  const own = mkdtempSync(join(folder, 'once-'))
  const said = execFileSync(process.execPath, [script, what, file, String(users), own], { encoding: 'utf8' })
  if (readdirSync(own).length > 0) throw new Error('The index was left behind.')
  return JSON.parse(said)
}
