import { readFileSync } from 'node:fs'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { turn } from '../support/simulated-clock.ts'
import { linesIn, temporaryFolder } from './temporary.ts'

vi.mock('node:fs', async original => ({ ...(await original<typeof fs>()), writeSync: vi.fn() }))

// Other tests of this process have the module with the real disk, and are to have it again.
vi.resetModules()
const { createJournal } = await import('../../src/journal/file.ts')
afterAll(() => {
  vi.resetModules()
})

/** Bytes the disk still takes; a write that needs more puts in what fits and then fails, as a real one does. */
let room = Number.POSITIVE_INFINITY

beforeEach(async () => {
  room = Number.POSITIVE_INFINITY
  const { writeSync } = await vi.importActual<typeof fs>('node:fs')
  const limited = (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
    if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const written = writeSync(fd, bytes, offset, Math.min(length, room), position)
    room -= written
    return written
  }
  vi.mocked(fs.writeSync).mockImplementation(limited as typeof fs.writeSync)
})

test('keeps a request from leaving, and leaves no half line behind', async () => {
  const { journal, path, failures } = await newJournal()
  journal.write(line(0))
  await journal.durable()
  const whole = readFileSync(path, 'utf8')
  room = 30
  journal.write(line(1))
  await expect(journal.durable()).rejects.toThrow('The journal cannot be written: ENOSPC')
  expect(readFileSync(path, 'utf8')).toBe(whole)
  expect(failures.map(({ code }) => code)).toEqual(['ENOSPC'])
})

test('that has room again at the end gets every line, in order', async () => {
  const { journal, path } = await newJournal()
  room = 150
  for (let seq = 0; seq < 5; seq++) journal.write(line(seq))
  await expect(journal.durable()).rejects.toThrow('ENOSPC')
  journal.write(line(5))
  await turn()
  room = Number.POSITIVE_INFINITY
  await journal.close()
  expect(await seqsIn(path)).toEqual([0, 1, 2, 3, 4, 5])
})

test('that stays full is said when the journal is closed, and what is in it is whole', async () => {
  const { journal, path, failures } = await newJournal()
  journal.write(line(0))
  await journal.durable()
  room = 3
  journal.write(line(1))
  await turn()
  await expect(journal.close()).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await seqsIn(path)).toEqual([0])
  expect(failures).toHaveLength(2)
})

test('does not fill the memory with lines that have no place to go', async () => {
  const { journal, path } = await newJournal()
  room = 0
  for (let seq = 0; seq < 30_000; seq++) {
    journal.write(line(seq))
    if (seq % 1000 === 0) await turn()
  }
  room = Number.POSITIVE_INFINITY
  // Some lines are lost, so the end must not be told either: the run is as one that was killed.
  await expect(journal.close()).rejects.toThrow('ENOSPC')
  expect(await seqsIn(path)).toEqual([])
})

async function newJournal() {
  const path = join(await temporaryFolder(), 'journal.ndjson')
  const failures: NodeJS.ErrnoException[] = []
  return { path, failures, journal: await createJournal(path, error => failures.push(error)) }
}

async function seqsIn(path: string): Promise<number[]> {
  return (await linesIn(path)).map(({ entry }) => (entry.t === 'lost' ? entry.seq : -1))
}

function line(seq: number): Entry {
  return { t: 'lost', at: 1_714_979_289_000 + seq, seq, reason: 'ECONNREFUSED', sent: false, ms: 3 }
}
