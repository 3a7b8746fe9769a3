import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readFile, readlink, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { kill, pid } from 'node:process'
import { isJsonObject } from '../model/json.ts'
import { TrackSyncError } from '../model/problem.ts'
import { notWritable } from './folder.ts'

/** One process's wish to have a run to itself. */
interface Claim {
  token: string
  pid: number
  /** The machine, or the container, in which the pid means anything. */
  host: string
  /** When the process began, as the system counts it: a pid is reused. Null where the system does not say. */
  began: string | null
  at: number
}

/** A line that cannot be read; its owner is unknown. */
const damaged = 'damaged'
type Entry = Claim | { released: string } | typeof damaged

/** Gives a run back; of one that is over, nobody needs the lock any more. */
export type LetGo = (isOver: boolean) => Promise<void>

/** A process on another machine writes a heartbeat this often, and counts as dead after this long without one. */
const signEveryMs = 10_000
const givenUpAfterMs = 60_000

/**
 * Keeps a run for this process alone; returns how to let go of it. The lock is a list of claims that only ever grows: of
 * all whose process lives, the first has the run. So nobody ever takes a dead process's lock away, and no two can think
 * that they did.
 */
export async function lockRun(folder: string): Promise<LetGo> {
  const path = join(folder, 'lock')
  const silentMs = Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs
  const own: Claim = {
    token: randomUUID(),
    pid,
    host: await hostOf(),
    began: await beganAt(pid),
    at: Date.now(),
  }
  // Kept open, so that the run is given back also where its folder is another by then, and nothing is left in that.
  const file = await open(path, 'a', 0o600).catch(notWritable(folder))
  try {
    await append(file, own).catch(notWritable(folder))
    const owner = await firstAlive(path, own, silentMs)
    if (owner === damaged) throw unreadable(folder, path)
    if (owner.token !== own.token) throw inUse(folder, owner, own)
  } catch (error) {
    await release(file, own)
    throw error
  }
  const sign = setInterval(
    () => void file.utimes(new Date(), new Date()).catch(() => {}),
    signEveryMs,
  ).unref()
  return async isOver => {
    clearInterval(sign)
    await release(file, own)
    // Whoever finds another lock in its place finds a run with nothing left to do.
    if (isOver) await rm(path, { force: true })
  }
}

async function firstAlive(path: string, own: Claim, silentMs: number): Promise<Claim | typeof damaged> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(line => line !== '')
  const entries = lines.map(read)
  const released = new Set(
    entries.flatMap(entry => (entry !== damaged && 'released' in entry ? [entry.released] : [])),
  )
  for (const claim of entries) {
    if (claim === damaged) {
      // It may be the claim of one that is at work; as one of another machine it is believed while there are signs of life.
      if (silentMs < givenUpAfterMs) return damaged
      continue
    }
    if ('released' in claim || released.has(claim.token)) continue
    if (claim.token === own.token || (await isAlive(claim, own, silentMs))) return claim
  }
  return own
}

/** A process of this machine is asked for; one of another is believed as long as it gives signs of life. */
async function isAlive(claim: Claim, own: Claim, silentMs: number): Promise<boolean> {
  if (claim.host !== own.host) return silentMs < givenUpAfterMs
  try {
    kill(claim.pid, 0)
  } catch (error) {
    // A process of somebody else's may not be asked, and is there all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const began = await beganAt(claim.pid)
  return claim.began === null || began === null ? began !== ended : began === claim.began
}

/** A name for what a process was before somebody took note that it is no more. */
const ended = 'ended'

/** Linux says when a process began, in its 22nd field; the 3rd is Z for a zombie. */
async function beganAt(process: number): Promise<string | null> {
  const text = await readFile(`/proc/${process}/stat`, 'utf8').catch(() => '')
  // The second figure is the program's name in brackets, and may hold anything.
  const figures = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (figures[0] === 'Z') return ended
  return figures[19] ?? null
}

async function hostOf(): Promise<string> {
  return `${hostname()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`.trim()
}

function read(line: string): Entry {
  try {
    const entry = JSON.parse(line) as unknown
    return isEntry(entry) ? entry : damaged
  } catch {
    return damaged
  }
}

function isEntry(entry: unknown): entry is Exclude<Entry, typeof damaged> {
  if (!isJsonObject(entry)) return false
  const { released, token, pid: process, host, began, at } = entry
  if (released !== undefined) return typeof released === 'string'
  const isTold = typeof token === 'string' && typeof host === 'string'
  const isProcess = Number.isSafeInteger(process) && (began === null || typeof began === 'string')
  return isTold && isProcess && Number.isSafeInteger(at) && !Number.isNaN(new Date(Number(at)).getTime())
}

/** A line end in front as well: what another could write only half of must not take this line with it. */
async function append(file: FileHandle, entry: Claim | { released: string }): Promise<void> {
  await file.appendFile(`\n${JSON.stringify(entry)}\n`)
}

/** Where it cannot be written any more, the end of this process lets go as well. */
async function release(file: FileHandle, { token }: Claim): Promise<void> {
  await append(file, { released: token }).catch(() => {})
  await file.close()
}

function unreadable(folder: string, path: string): TrackSyncError {
  const message = `${folder} may be in use: a line of ${path} cannot be read and may belong to a running process.`
  return new TrackSyncError('run_in_use', message, {
    file: path,
    expected: 'a line for each process',
    next: `If no other process is using it, run the same command again in ${givenUpAfterMs / 1000} s.`,
  })
}

function inUse(folder: string, owner: Claim, own: Claim): TrackSyncError {
  const since = new Date(owner.at).toISOString()
  const elsewhere = owner.host === own.host ? '' : ` on ${owner.host.split(' ')[0] ?? ''}`
  const message = `${folder} is in use: process ${owner.pid}${elsewhere} has been using it since ${since}.`
  const next =
    elsewhere === ''
      ? 'Wait for that process to end, or stop it; then resume.'
      : `Wait for that process to end. If it has already ended, resume in ${givenUpAfterMs / 1000} s.`
  return new TrackSyncError('run_in_use', message, { file: folder, next })
}
