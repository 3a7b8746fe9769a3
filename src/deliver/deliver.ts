import { setMaxListeners } from 'node:events'
import type { Stop } from '../model/exit.ts'
import type { TrackObject } from '../model/track-object.ts'
import type { Delivery } from './delivery.ts'
import { Endings } from './endings.ts'
import { Lanes } from './lanes.ts'
import { ReadAhead, Signal } from './read-ahead.ts'
import { Sender } from './sender.ts'

/**
 * Sends every object and reports its end exactly once. Resolves to how many objects a stop kept from coming to their
 * end.
 */
export async function deliver(objects: AsyncIterable<TrackObject[]>, delivery: Delivery): Promise<number> {
  const { stop } = delivery
  let bug: unknown
  function failed(error: unknown): void {
    bug ??= error
    const message = `Something went wrong in track-sync: ${String(error)}`
    stop.abort({ exit: 'bug', message } satisfies Stop)
  }
  const changed = new Signal()
  setMaxListeners(0, stop.signal)
  stop.signal.addEventListener('abort', () => changed.raise())

  const lanes = new Lanes()
  const endings = new Endings(delivery)
  const readAhead = new ReadAhead(delivery, lanes, endings, changed)
  const sender = new Sender(delivery, lanes, endings, readAhead, changed, failed)

  const reading = readAhead.read(objects).catch(failed)
  await sender.send().catch(failed)
  await sender.untilQuiet()
  let leftBehind = 0
  // What a bug of ours left half done stays without an end: the journal then says `unknown`, which is true.
  try {
    for (const request of lanes.clear()) {
      leftBehind += request.tasks.length
      endings.leaveBehind(request)
    }
  } catch (error) {
    failed(error)
  }
  readAhead.settledUp()
  await reading
  if (bug !== undefined) throw bug
  return leftBehind + readAhead.leftBehind
}
