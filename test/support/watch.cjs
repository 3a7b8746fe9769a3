// Comes before anything else in every process of a test run, the command under test included: what Node warns of is
// kept for the end of the run, which it fails.
const { appendFileSync } = require('node:fs')

process.on('warning', ({ name, message, stack }) => {
  const { version, argv, env } = process
  const line = JSON.stringify({ version, command: argv.slice(1, 4).join(' '), name, message, stack })
  if (env.GATE_WARNINGS !== undefined) appendFileSync(env.GATE_WARNINGS, `${line}\n`)
})

// A file that somebody forgot to close is told of when the garbage collector finds it. So it comes by before the end,
// and there is one more turn in which to tell.
process.once('beforeExit', () => {
  globalThis.gc()
  setImmediate(() => {})
})
