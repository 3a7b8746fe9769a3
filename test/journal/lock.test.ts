import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lockRun } from '../../src/journal/lock.ts'
import { temporaryFolder } from './temporary.ts'

const host = `${hostname()} ${pidNamespace()}`.trim()
const inUse = expect.objectContaining({ code: 'run_in_use' }) as unknown

describe('a run belongs to one process', () => {
  test('and is free again once that lets go', async () => {
    const folder = await temporaryFolder()
    const letGo = await lockRun(folder)
    await expect(lockRun(folder)).rejects.toEqual(inUse)
    await letGo(false)
    await (await lockRun(folder))(false)
  })

  test('however many ask at once', async () => {
    const folder = await temporaryFolder()
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(folder)))
    expect(asked.filter(one => one.status === 'fulfilled')).toHaveLength(1)
  })

  test('and the lock of one that is over is taken away', async () => {
    const folder = await temporaryFolder()
    await (await lockRun(folder))(true)
    expect(existsSync(join(folder, 'lock'))).toBe(false)
  })

  test('a refused one is told who has it, since when, and what to do', async () => {
    const folder = await temporaryFolder()
    await lockRun(folder)
    const error = await lockRun(folder).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain(`process ${process.pid}`)
    expect(error).toMatchObject({
      next: expect.stringMatching(/Wait for that process to end/) as unknown,
    })
  })
})

describe('a process of this machine', () => {
  test('has the run as long as it lives, and not a moment longer', async () => {
    const folder = await temporaryFolder()
    const child = await sleeper()
    claim(folder, { pid: child.pid ?? 0, began: beganAt(child.pid ?? 0) })
    await expect(lockRun(folder)).rejects.toEqual(inUse)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await lockRun(folder)
  })

  test('whose number was given to another has ended', async () => {
    const folder = await temporaryFolder()
    claim(folder, { pid: process.pid, began: '1' })
    await lockRun(folder)
  })

  test.runIf(existsSync('/proc/self/stat'))('that was killed and nobody took note of has ended', async () => {
    const folder = await temporaryFolder()
    const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec tail -f /dev/null'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [text] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(text.toString())
    claim(folder, { pid, began: beganAt(pid) })
    await expect(lockRun(folder)).rejects.toEqual(inUse)
    process.kill(pid, 'SIGKILL')
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate)
    await lockRun(folder)
  })
})

describe('a process of another machine', () => {
  test('has the run as long as it gives signs of life', async () => {
    const folder = await temporaryFolder()
    claim(folder, { host: 'elsewhere' })
    const error = await lockRun(folder).catch((thrown: unknown) => thrown)
    expect(error).toEqual(inUse)
    expect(String(error)).toContain('on elsewhere')
    expect(error).toMatchObject({ next: expect.stringContaining('60 s') as unknown })
  })

  test('is given up after a minute without one', async () => {
    const folder = await temporaryFolder()
    claim(folder, { host: 'elsewhere' })
    const before = new Date(Date.now() - 61_000)
    utimesSync(join(folder, 'lock'), before, before)
    await lockRun(folder)
  })
})

describe('a line that cannot be read', () => {
  const lines = [
    '{"token":"oth',
    '\0'.repeat(80),
    'null',
    '[]',
    '{}',
    '{"token":1,"pid":"x"}',
    '{"released":7}',
    '{"token":"t","pid":1,"host":"h","began":null,"at":1e300}',
  ]

  test.each(lines)(
    'may be that of a process at work: the run cannot be had, and it is said why (%j)',
    async line => {
      const folder = await temporaryFolder()
      writeFileSync(join(folder, 'lock'), `${line}\n`)
      const error = await lockRun(folder).catch((thrown: unknown) => thrown)
      expect(error).toEqual(inUse)
      expect(error).toMatchObject({ problem: { file: join(folder, 'lock') } })
      expect(error).toMatchObject({ next: expect.stringContaining('60 s') as unknown })
    },
  )

  test.each(lines)('is given up after a minute without a sign of life (%j)', async line => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'lock'), line)
    const before = new Date(Date.now() - 61_000)
    utimesSync(join(folder, 'lock'), before, before)
    const letGo = await lockRun(folder)
    await expect(lockRun(folder)).rejects.toEqual(inUse)
    await letGo(false)
  })
})

test('whoever lets go of a run whose folder is another by now leaves nothing in that', async () => {
  const folder = await temporaryFolder()
  const letGo = await lockRun(folder)
  rmSync(join(folder, 'lock'))
  await letGo(false)
  expect(readdirSync(folder)).toEqual([])
})

test('a process that asked, was refused and is still alive does not stand in the way', async () => {
  const folder = await temporaryFolder()
  const letGo = await lockRun(folder)
  await expect(lockRun(folder)).rejects.toEqual(inUse)
  await letGo(false)
  await lockRun(folder)
})

test('where nothing can be written, the run cannot be had', async () => {
  const folder = join(await temporaryFolder(), 'file')
  writeFileSync(folder, '')
  await expect(lockRun(folder)).rejects.toMatchObject({ code: 'run_not_writable' })
})

function claim(folder: string, more: object): void {
  const entry = {
    token: 'other',
    pid: process.pid,
    host,
    began: beganAt(process.pid),
    at: Date.now(),
    ...more,
  }
  appendFileSync(join(folder, 'lock'), `${JSON.stringify(entry)}\n`)
}

async function sleeper(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child
}

function beganAt(pid: number): string | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function pidNamespace(): string {
  return existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : ''
}
