import { findRunFolder, TrackSyncError } from '../index.ts'
import { didYouMean } from '../map/nearest.ts'
import { namesIn } from './fail.ts'

/** The folder of a run; where there is none of that name, the nearest is named. */
export async function findRun(runsDir: string, run: string): Promise<string> {
  try {
    return await findRunFolder(runsDir, run)
  } catch (error) {
    if (!(error instanceof TrackSyncError) || error.code !== 'run_not_found' || run === 'latest') throw error
    const { problem, step } = error
    const meant = didYouMean(run, ['latest', ...namesIn(runsDir)])
    throw new TrackSyncError(error.code, `${error.message}${meant}`, {
      ...problem,
      ...(step === undefined ? {} : { next: step }),
    })
  }
}
