import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bareEnv, trackSync } from './support/cli.ts'
import ClosingLine from './support/closing-line.ts'
import { temporaryFolder } from './support/run-folder.ts'
import { warningsIn } from './support/watch.ts'

const folder = temporaryFolder()
let made = 0

/** Runs a program where the command would be, and gives how it ended and what it was heard to be warned of. */
async function heard(program: string) {
  const place = join(folder, String(++made))
  const [command, warnings] = [`${place}.mjs`, `${place}.ndjson`]
  writeFileSync(command, program)
  writeFileSync(warnings, '')
  const ended = await trackSync(['import'], { command, env: { GATE_WARNINGS: warnings } })
  return { ...ended, warnings }
}

test('a warning of Node is heard in any process that a test starts, and fails the run', async () => {
  const { code, warnings } = await heard(`process.emitWarning('mind the gap', 'DeprecationWarning', 'DEP7')`)
  expect([code, warningsIn(warnings)]).toMatchObject([
    0,
    [{ version: process.version, name: 'DeprecationWarning', message: 'mind the gap' }],
  ])
  const said: string[] = []
  const line = new ClosingLine({ warnings, leftOut: undefined, tally: undefined })
  expect(line.close(5, 0, text => said.push(text))).toBe(true)
  expect(said.join('')).toMatch(
    /warned, 1 times\. DeprecationWarning: mind the gap\n[\s\S]*\n5 passed, 1 failed\n$/,
  )
})

test('a file that is left to the garbage collector is told of before the process ends', async () => {
  const { code, stderr, warnings } = await heard(`
    import { open } from 'node:fs/promises'
    async function forget() { await open(${JSON.stringify(fileURLToPath(import.meta.url))}) }
    await forget()
  `)
  // From Node 25 on it ends the process.
  expect(
    code === 0
      ? warningsIn(warnings)
          .map(({ message }) => message)
          .join()
      : stderr,
  ).toMatch(/during garbage collection|on garbage collection/)
})

test('what closes its files is heard of nowhere', async () => {
  const { code, warnings } = await heard(`
    import { open } from 'node:fs/promises'
    const file = await open(${JSON.stringify(fileURLToPath(import.meta.url))})
    await file.close()
  `)
  expect([code, warningsIn(warnings)]).toEqual([0, []])
})

test('the command has a heap of 64 MB', async () => {
  const { stdout } = await heard(`
    import { getHeapStatistics } from 'node:v8'
    console.log(getHeapStatistics().heap_size_limit / 2 ** 20)
  `)
  // What is young comes on top, by version; without a bound it would be gigabytes.
  expect(Number(stdout)).toBeLessThan(64 * 4)
})

test('one of several runs leaves its counts to the last line of them all', () => {
  const [warnings, tally] = [join(folder, 'none.ndjson'), join(folder, 'tally')]
  for (const path of [warnings, tally]) writeFileSync(path, '')
  const said: string[] = []
  for (const [passed, failed] of [
    [3, 0],
    [2, 1],
  ] as const)
    new ClosingLine({ warnings, leftOut: undefined, tally }).close(passed, failed, text => said.push(text))
  expect(readFileSync(tally, 'utf8')).toBe('3 0\n2 1\n')
  expect(said.join('')).not.toMatch(/\d passed, \d failed/)
})

test('no test has a time of its own in which it must be done: a busy machine would fail it', () => {
  const timed = filesOf(/^\s*\},\s*\d[\d_]{3,},?\s*\)|\btimeout: \d/m)
  expect(timed).toEqual([])
})

test('every process of a test is one that is heard', () => {
  expect(filesOf(/PATH: process\.env/)).toEqual([])
  expect(bareEnv()).toMatchObject({ NODE_OPTIONS: expect.stringContaining('watch.cjs') as string })
})

/** Test files with something in them; this one has it only to look for it. */
function filesOf(pattern: RegExp): string[] {
  const root = fileURLToPath(new URL('.', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  return files.filter(file => file !== 'gate.test.ts' && pattern.test(readFileSync(join(root, file), 'utf8')))
}
