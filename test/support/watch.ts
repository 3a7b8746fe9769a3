import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const watch = fileURLToPath(new URL('watch.cjs', import.meta.url))

/** Flags of the processes that run the tests: they take part in the watch. */
export const workerFlags = ['--require', watch, '--expose-gc']

/** A heap in which the command must do with any file, whatever its size. */
const commandHeapMegabytes = 64
const quotedWatch = `"${watch.replaceAll(/["\\]/g, String.raw`\$&`)}"`

/** What Node is told for every process that a test starts. */
export const commandOptions = `--require ${quotedWatch} --expose-gc --max-old-space-size=${commandHeapMegabytes}`

/** What is kept of a warning. */
export interface Warning {
  version: string
  command: string
  name: string
  message: string
  stack: string
}

/** Begins to watch; returns the file in which every process of the run writes down what Node warns of. */
export function beginWatch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'track-sync-warnings-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'warnings.ndjson')
  writeFileSync(file, '')
  // Some tests start the command as a user who may do nothing.
  chmodSync(folder, 0o755)
  chmodSync(file, 0o666)
  return file
}

export function warningsIn(file: string): Warning[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as Warning)
}
