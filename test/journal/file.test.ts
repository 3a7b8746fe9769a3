import { readFileSync, statSync } from 'node:fs'
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Entry } from '../../src/journal/entry.ts'
import { createJournal as create, reopenJournal } from '../../src/journal/file.ts'
import { journalStart } from '../../src/journal/line.ts'
import { openJournal } from '../../src/journal/reader.ts'
import { sealedText } from '../support/sealed.ts'
import { turn } from '../support/simulated-clock.ts'
import { linesIn, listOf, temporaryFolder } from './temporary.ts'

describe('writing', () => {
  test('lines are in the file in the order in which they were written', async () => {
    const path = await newPath()
    const journal = await createJournal(path)
    const lines = Array.from({ length: 500 }, (_, seq) => lost(seq))
    for (const [i, line] of lines.entries()) {
      journal.write(line)
      if (i % 50 === 0) await turn()
    }
    await journal.close()
    expect(await entriesOf(path)).toEqual(lines)
  })

  test('a line is durable only when its bytes are in the file and the disk has said so', async () => {
    const path = await newPath()
    const journal = await createJournal(path)
    const disk = await holdDisk()
    let isDurable = false
    journal.write(lost(0))
    const durable = journal.durable().then(() => {
      isDurable = true
    })
    await disk.asked
    expect([isDurable, readFileSync(path, 'utf8')]).toEqual([false, sealedText([lost(0)])])
    disk.release()
    await durable
    await journal.close()
  })

  test('a line that comes while the disk is busy waits for a sync of its own', async () => {
    const path = await newPath()
    const journal = await createJournal(path)
    const disk = await holdDisk()
    journal.write(lost(0))
    const first = journal.durable()
    await disk.asked
    journal.write(lost(1))
    const second = journal.durable().then(() => readFileSync(path, 'utf8').trim().split('\n').length)
    disk.release()
    await first
    expect(await second).toBe(2)
    expect(disk.syncs()).toBe(2)
    await journal.close()
  })

  test('fifty who wait share a sync', async () => {
    const journal = await createJournal(await newPath())
    const disk = await holdDisk()
    disk.release()
    await Promise.all(
      Array.from({ length: 50 }, (_, seq) => {
        journal.write(lost(seq))
        return journal.durable()
      }),
    )
    expect(disk.syncs()).toBeLessThanOrEqual(2)
    await journal.close()
  })

  test('who is told that its line is durable finds it in the file, however many write', async () => {
    const path = await newPath()
    const journal = await createJournal(path)
    async function writer(name: number): Promise<void> {
      for (let i = 0; i < 20; i++) {
        const line = lost(name * 1000 + i)
        journal.write(line)
        await journal.durable()
        expect(readFileSync(path, 'utf8')).toContain(JSON.stringify(line).slice(0, -1))
      }
    }
    await Promise.all(Array.from({ length: 10 }, (_, name) => writer(name)))
    await journal.close()
    const seqs = (await entriesOf(path)).map(entry => (entry.t === 'lost' ? entry.seq : -1))
    expect(new Set(seqs).size).toBe(200)
    for (let name = 0; name < 10; name++) {
      const own = seqs.filter(seq => Math.floor(seq / 1000) === name)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  test('a line written after an idle moment reaches the file, though nobody waits for it', async () => {
    const path = await newPath()
    const journal = await createJournal(path)
    journal.write(lost(0))
    await journal.durable()
    for (let i = 0; i < 20; i++) await turn()
    const before = statSync(path).size
    journal.write(lost(1))
    for (let i = 0; i < 100_000 && statSync(path).size === before; i++) await turn()
    expect((await entriesOf(path)).length).toBe(2)
    await journal.close()
  })

  test('closing waits for everything written before', async () => {
    const path = await newPath()
    const journal = await createJournal(path)
    for (let seq = 0; seq < 100; seq++) journal.write(lost(seq))
    await journal.close()
    expect(await entriesOf(path)).toHaveLength(100)
  })

  test('the file is for its owner alone', async () => {
    const path = await newPath()
    await (await createJournal(path)).close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('a journal that exists is never overwritten', async () => {
    const path = await newPath()
    await writeFile(path, 'precious\n')
    await expect(createJournal(path)).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(path, 'utf8')).toBe('precious\n')
  })
})

describe('a disk that fails', () => {
  test('is told to everyone who waits, now and later, and once to whom it concerns', async () => {
    const told: Error[] = []
    const journal = await create(await newPath(), error => told.push(error))
    const error = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
    const sync = vi.spyOn(await prototypeOfHandles(), 'datasync').mockRejectedValue(error)
    onTestFinished(() => sync.mockRestore())
    journal.write(lost(0))
    const waiting = await Promise.allSettled([journal.durable(), journal.durable()])
    sync.mockRestore()
    // What the disk did not take once may not be there, whatever it says later.
    journal.write(lost(1))
    const later = await Promise.allSettled([journal.durable(), journal.close()])
    const said = [...waiting, ...later].map(one => (one.status === 'rejected' ? String(one.reason) : 'fine'))
    expect(said).toEqual(Array(4).fill('Error: The journal cannot be written: EIO: i/o error'))
    expect(told.map(one => (one as NodeJS.ErrnoException).code)).toEqual(['EIO'])
  })
})

describe('going on with a journal', () => {
  test('cuts off what a crash tore, and writes behind the last whole line', async () => {
    const path = await newPath()
    await writeFile(path, `${sealedText([lost(0)])}{"t":"lost","se`)
    const [line] = await linesIn(path)
    const journal = await reopenJournal(path, line?.to ?? journalStart, () => {})
    journal.write(lost(1))
    await journal.close()
    expect(readFileSync(path, 'utf8')).toBe(sealedText([lost(0), lost(1)]))
  })
})

describe('reading', () => {
  const forms = { 'with checksums': sealedText, 'of version 1': plainText }
  for (const [form, text] of Object.entries(forms)) {
    test(`a torn last line is what a crash leaves behind, and is passed over (${form})`, async () => {
      const whole = text([lost(0), lost(1)])
      for (let cut = whole.indexOf('\n') + 1; cut < whole.length; cut++) {
        expect(await read(whole.slice(0, cut))).toEqual([lost(0)])
        // What the disk had no time for may be zeros; all of a line but its line end is no such case.
        if (cut < whole.length - 1) expect(await read(`${whole.slice(0, cut)}\0\0`)).toEqual([lost(0)])
      }
      expect(await read(whole)).toEqual([lost(0), lost(1)])
      expect(await read(text([lost(0)]) + '\0'.repeat(300))).toEqual([lost(0)])
    })

    test(`a line that is whole and has lost its line end is damage, wherever it stands (${form})`, async () => {
      for (const [i, whole] of [text([lost(0)]), text([lost(0), lost(1)])].entries()) {
        for (const sign of ['\0', '}', ' ', 'x'])
          expect(await read(whole.slice(0, -1) + sign)).toMatchObject({ problem: { line: i + 1 } })
      }
      const [first = '', second = ''] = text([lost(0), lost(1)]).split('\n')
      expect(await read(`${first}x${second}\n`)).toMatchObject({ problem: { line: 1, byte: 0 } })
    })

    test(`so is anything else that is closed by a line end, at the very end too (${form})`, async () => {
      const whole = text([lost(0)])
      for (const tail of [
        '{"t":"lo\0\0\n',
        `{"x\n${'\0'.repeat(50)}\n`,
        '\n',
        '{}\n',
        '{"t":"other","at":1}\n',
      ])
        expect(await read(whole + tail)).toMatchObject({
          code: 'run_damaged',
          problem: { line: 2, byte: whole.length },
        })
    })
  }

  test('with checksums, a line that has none, is put in, doubled, taken out or moved is found where it stands', async () => {
    const [one = '', two = '', three = ''] = sealedText([lost(0), lost(1), lost(2)]).split(/(?<=\n)/)
    const cases: [string[], number][] = [
      [[one, plainText([lost(1)]), three], 2],
      [[one, sealedText([lost(1)]), two, three], 2],
      [[one, one, two, three], 2],
      [[one, two, two, three], 3],
      [[one, three], 2],
      [[two, three], 1],
      [[one, three, two], 2],
      [[one, two.replace('"crc"', '"crd"'), three], 2],
      [[one, '\0'.repeat(two.length), three], 2],
    ]
    for (const [lines, line] of cases) expect(await read(lines.join(''))).toMatchObject({ problem: { line } })
  })

  test('every line says where its bytes lie', async () => {
    const path = await newPath()
    const text = sealedText([lost(0), { ...lost(1), reason: '☃' }, lost(2)])
    await writeFile(path, text)
    const bytes = readFileSync(path)
    const lines = await linesIn(path)
    expect(lines.map(({ from, to }) => bytes.subarray(from.byte, to.byte).toString()).join('')).toBe(text)
    expect(lines.map(({ from, to }) => [from.line, to.line])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
    const journal = await openJournal(path, 4000)
    for (const line of lines) expect(await listOf(journal.lines(line))).toEqual([line])
    await journal.close()
  })

  test('an empty journal has no lines', async () => {
    expect(await read('')).toEqual([])
    expect(await read('{"t":"ru')).toEqual([])
  })

  test.each(['{"t":"lost","seq":', '', 'null', '7', '"text"', '[]'])(
    'a broken line in the middle is an error that names it (%j)',
    async broken => {
      const error = await read(plainText([lost(0)]) + `${broken}\n` + plainText([lost(1)]))
      const byte = plainText([lost(0)]).length
      expect(error).toMatchObject({ code: 'run_damaged', problem: { line: 2, byte } })
      expect(String(error)).toContain(`line 2 (byte ${byte})`)
    },
  )

  test('a journal of a newer version is refused by its name', async () => {
    const line = { t: 'run', at: 1, journal: 3, version: '9.1.0', run: 'r' }
    for (const text of [sealedText([line]), plainText([line])]) {
      const error = await read(text)
      expect(error).toMatchObject({ code: 'run_unreadable', next: 'Install the newer version.' })
      expect(String(error)).toContain('9.1.0')
    }
  })

  test('lines longer than any chunk of the file, with letters of many bytes, come back whole', async () => {
    const long = Array.from({ length: 5 }, (_, seq) => ({ ...lost(seq), reason: '☃ü'.repeat(60_000 + seq) }))
    const path = await newPath()
    const journal = await createJournal(path)
    for (const line of long) journal.write(line)
    await journal.close()
    expect(await entriesOf(path)).toEqual(long)
  })
})

async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'journal.ndjson')
}

async function createJournal(path: string) {
  return await create(path, () => {})
}

async function entriesOf(path: string): Promise<Entry[]> {
  return (await linesIn(path)).map(({ entry }) => entry)
}

/** The entries of a journal with this content, or the error it gives. */
async function read(content: string): Promise<unknown> {
  const path = await newPath()
  await writeFile(path, content)
  return await entriesOf(path).catch((error: unknown) => error)
}

/** Objects as the lines of version 1, which have no checksums. */
function plainText(lines: readonly object[]): string {
  return lines.map(line => `${JSON.stringify(line)}\n`).join('')
}

function lost(seq: number): Entry & { t: 'lost' } {
  return { t: 'lost', at: 1_714_979_289_000 + seq, seq, reason: 'ECONNREFUSED', sent: false, ms: 3 }
}

/** From here on, every sync of a file waits until it is released. */
async function holdDisk() {
  let [release, ask] = [() => {}, () => {}]
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const asked = new Promise<void>(resolve => {
    ask = resolve
  })
  const sync = vi.spyOn(await prototypeOfHandles(), 'datasync').mockImplementation(() => {
    ask()
    return released
  })
  onTestFinished(() => sync.mockRestore())
  return { asked, release: () => release(), syncs: () => sync.mock.calls.length }
}

async function prototypeOfHandles(): Promise<FileHandle> {
  const handle = await open(import.meta.filename)
  await handle.close()
  return Object.getPrototypeOf(handle) as FileHandle
}
