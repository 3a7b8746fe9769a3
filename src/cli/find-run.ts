import { findRunFolder, TrackSyncError } from '../index.ts'
import { didYouMean } from '../map/nearest.ts'
import { namesIn } from './fail.ts'

/** The folder of a run. If no run has that name, the error suggests the nearest one. */
export async function findRun(runsDir: string, run: string): Promise<string> {
  try {
    return await findRunFolder(runsDir, run)
  } catch (error) {
    if (!(error instanceof TrackSyncError) || error.code !== 'run_not_found' || run === 'latest') throw error
    const { problem, step } = error
    const hint = didYouMean(run, ['latest', ...namesIn(runsDir)])
    throw new TrackSyncError(error.code, `${error.message}${hint}`, {
      ...problem,
      ...(step === undefined ? {} : { next: step }),
    })
  }
}
