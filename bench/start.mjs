// How long the command takes to start, beside Node itself doing nothing: CPU and wall time of whole processes, in turn.
// npm run bench:start
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const rounds = Number(process.argv[2] ?? 15)
const commands = {
  'node -e 0': ['-e', '0'],
  'track-sync --version': [main, '--version'],
  'track-sync --help': [main, '--help'],
  'track-sync import --help': [main, 'import', '--help'],
  'track-sync plan (2 rows)': [main, 'plan', '-'],
}

const found = Object.fromEntries(Object.keys(commands).map(name => [name, []]))
for (let round = 0; round < rounds; round++)
  for (const [name, args] of Object.entries(commands)) found[name].push(run(args))

const floor = middle(found['node -e 0'])
for (const [name, times] of Object.entries(found)) {
  const ms = middle(times)
  console.log(
    `${name.padEnd(26)} ${ms.toFixed(0).padStart(5)} ms   ${(ms / floor).toFixed(2)} times node -e 0`,
  )
}

function run(args) {
  const begin = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, {
    input: 'external_id,plan\nu1,gold\nu2,red\n',
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - begin) / 1e6
}

function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
