import { join } from 'node:path'
import { journalName } from '../journal/folder.ts'
import { nextSteps } from '../model/next-command.ts'
import { TrackSyncError } from '../model/problem.ts'
import type { Stop } from '../model/stop.ts'

/** Once the journal cannot be written, nothing may leave any more: what would come of it could not be told. */
export function journalFailed(stop: AbortController, folder: string): (error: Error) => void {
  return ({ message }) => {
    const next = `Make room for ${join(folder, journalName)}, or see why it cannot be written.`
    stop.abort({ exit: 'stopped', message: `${message}.`, next } satisfies Stop)
  }
}

/** A journal or a report that cannot be written is the disk's doing, and says so. */
export function whereFull(folder: string): (error: Error) => never {
  return error => {
    if (error instanceof TrackSyncError || !isOfDisk(error)) throw error
    const message = `${error.message}. What was sent and answered so far is in ${join(folder, journalName)}.`
    throw new TrackSyncError('run_disk_full', message, {
      file: folder,
      next: nextSteps.goOn(folder, {}, 'Make room, or see why nothing can be written; then go on.'),
    })
  }
}

function isOfDisk(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO'].includes(code)
}
