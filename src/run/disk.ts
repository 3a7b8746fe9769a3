import { join } from 'node:path'
import { journalName } from '../journal/folder.ts'
import type { Stop } from '../model/exit.ts'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'

/** Once the journal cannot be written, nothing may leave any more: its result could not be recorded. */
export function journalFailed(stop: AbortController, folder: string): (error: Error) => void {
  return error => {
    const { message } = error
    if (error instanceof TrackSyncError) {
      const { next = '' } = error
      return stop.abort({ exit: 'stopped', message, next } satisfies Stop)
    }
    const next = `Free some space for ${join(folder, journalName)}, or find out why it cannot be written.`
    stop.abort({ exit: 'stopped', message: `${message}.`, next } satisfies Stop)
  }
}

/** What a row may not leave without could not be written to a file of the run. */
export function notKept(folder: string, name: string, { message }: Error): Stop {
  const path = join(folder, name)
  const next = `Free some space for ${path}, or find out why it cannot be written.`
  return { exit: 'stopped', message: `${path} cannot be written: ${message}.`, next }
}

/** A journal or a report that cannot be written is a fault of the disk, and says so; so is a folder that is gone. */
export function whereFull(folder: string): (error: Error) => never {
  return error => {
    if (error instanceof TrackSyncError) throw error
    const { code = '' } = error as NodeJS.ErrnoException
    if (gone.has(code)) throw folderGone(folder, error)
    if (!full.has(code)) throw error
    const message = `${error.message}. Everything so far is recorded in ${join(folder, journalName)}.`
    throw new TrackSyncError('run_disk_full', message, {
      file: folder,
      next: nextSteps.goOn(folder, {}, 'Free some space, or find out why nothing can be written:'),
    })
  }
}

/** The report follows the run; a journal that is not found now was removed in between. */
export function whereGone(folder: string): (error: Error) => never {
  return error => {
    if (error instanceof TrackSyncError && error.code === 'run_not_found') throw folderGone(folder, error)
    throw error
  }
}

function folderGone(folder: string, { message }: Error): TrackSyncError {
  const said = `${folder} was moved, deleted or replaced while its report was written: ${message.replace(/\.$/, '')}. Only its journal shows what was sent.`
  return new TrackSyncError('run_gone', said, {
    file: folder,
    expected: 'the folder of the run',
    next: nextSteps.look(folder, {}, 'Put the folder back:'),
  })
}

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO'])
const gone: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE'])
