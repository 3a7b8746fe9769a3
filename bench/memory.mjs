// How much memory a run takes, by its rows and by its users: the peak of a process of its own each time.
// npm run bench:memory            (an hour; `npm run bench:memory -- 0.01` a hundredth of the rows)
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { narrow } from './tables.mjs'

const share = Number(process.argv[2] ?? 1)
const folder = mkdtempSync(join(tmpdir(), 'track-sync-bench-'))
const server = fork(new URL('echo-server.mjs', import.meta.url))
const [port] = await once(server, 'message')
const script = fileURLToPath(new URL('run-once.mjs', import.meta.url))

try {
  compare('plan', '100,000 rows', peak('plan', 100_000), '10,000,000 rows', peak('plan', 10_000_000 * share))
  const few = peak('import', 100_000)
  compare('import and report', '100,000 rows', few, '10,000,000 rows', peak('import', 10_000_000 * share))
  const one = peak('import', 200_000 * share, 1)
  compare('import and report', '1 user', one, '1,000,000 users', peak('import', 1_000_000 * share, 1_000_000))
} finally {
  server.disconnect()
  rmSync(folder, { recursive: true })
}

/** The peak memory of a process that does this, in MB. */
function peak(what, rows, users = rows) {
  const file = narrow(join(folder, 'in.csv'), Math.round(rows), Math.round(users))
  const run = join(folder, 'run')
  const args = [script, what, file, `http://127.0.0.1:${port}`, run, String(Math.round(rows))]
  const kilobytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  rmSync(run, { recursive: true, force: true })
  return kilobytes / 1024
}

function compare(what, few, fewMb, many, manyMb) {
  const ratio = (manyMb / fewMb).toFixed(2)
  console.log(
    `${what}: ${many} take ${ratio} times the memory of ${few} (${manyMb.toFixed(0)} and ${fewMb.toFixed(0)} MB)`,
  )
}
