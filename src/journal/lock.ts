import { randomUUID } from 'node:crypto'
import { appendFile, readFile, readlink, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { kill, pid } from 'node:process'
import { TrackSyncError } from '../model/problem.ts'
import { notWritable } from './folder.ts'

/** One process's wish to have a run to itself. */
interface Claim {
  token: string
  pid: number
  /** The machine, or the container, in which the pid means anything. */
  host: string
  /** When the process began, as the system counts it: a pid is used again. Null where the system does not tell. */
  began: string | null
  at: number
}

/** Gives a run back; of one that is over, nobody needs the lock any more. */
export type LetGo = (isOver: boolean) => Promise<void>

/** Another machine's process gives a sign of life this often, and is given up after so long without one. */
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
  await append(path, own).catch(notWritable(folder))
  const owner = await firstAlive(path, own, silentMs)
  if (owner.token !== own.token) {
    await append(path, { released: own.token })
    throw inUse(folder, owner, own)
  }
  const sign = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => {}),
    signEveryMs,
  ).unref()
  return async isOver => {
    clearInterval(sign)
    // Whoever finds another lock in its place finds a run with nothing left to do.
    if (isOver) return await rm(path, { force: true })
    // Where it cannot be written, or is gone with its folder, the end of this process lets go as well.
    await append(path, { released: own.token }).catch(() => {})
  }
}

async function firstAlive(path: string, own: Claim, silentMs: number): Promise<Claim> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(line => line !== '')
  const entries = lines.map(line => JSON.parse(line) as Claim | { released: string })
  const released = new Set(entries.flatMap(entry => ('released' in entry ? [entry.released] : [])))
  for (const claim of entries) {
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

/** Linux tells when a process began, in its 22nd figure; the 3rd is Z where it has ended and nobody took note. */
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

async function append(path: string, entry: Claim | { released: string }): Promise<void> {
  await appendFile(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
}

function inUse(folder: string, owner: Claim, own: Claim): TrackSyncError {
  const since = new Date(owner.at).toISOString()
  const elsewhere = owner.host === own.host ? '' : ` on ${owner.host.split(' ')[0] ?? ''}`
  const message = `${folder} is in use: process ${owner.pid}${elsewhere} has worked on it since ${since}.`
  const next =
    elsewhere === ''
      ? 'Wait until that process has ended, or stop it; then go on.'
      : `Wait until that process has ended. If it is gone already, go on in ${givenUpAfterMs / 1000} s.`
  return new TrackSyncError('run_in_use', message, { file: folder, next })
}
