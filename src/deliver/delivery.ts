import type { Readings } from '../braze/assumptions.ts'
import type { Endpoint } from '../braze/endpoints.ts'
import type { Replay } from '../braze/idempotency.ts'
import type { Clock } from '../model/clock.ts'
import type { Exchange, Post } from '../model/exchange.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ErrorBudget } from '../model/progress.ts'
import type { TrackObject, Unsettled } from '../model/track-object.ts'
import type { RateLimit } from '../rate-limit/rate-limit.ts'
import type { Order } from './claim.ts'
import type { Earlier } from './task.ts'

/** What happens to the later rows of a user when an earlier one did not end well. */
export type LanePolicy = 'hold' | 'continue'

/** An object in a request that is about to leave. */
export interface Leaving {
  object: TrackObject
  /** Requests for this object so far, of all processes, this one included. */
  attempt: number
  /** The first of this process. */
  first: boolean
}

/** How to deliver. */
export interface DeliverySettings {
  /** Requests in flight at most. */
  concurrency: number
  /** Objects read ahead at most; the choice of who goes next is made among them. */
  readAhead: number
  order: Order
  /** Waiting attribute rows of one user leave as one request. */
  coalesce: boolean
  bodyForm: 'array' | 'object'
  replay: Replay
  maxRetries: ErrorBudget
  afterUnknown: LanePolicy
  afterRejected: LanePolicy
}

/** What a look at the profile says of objects in doubt. */
export type LookedUp =
  /** They were certainly not applied. */
  | { do: 'again' }
  /** This is their end, which `record` writes down. */
  | { do: 'end'; outcome: Outcome; record: () => void }

/** What the delivery works with, and the callbacks it reports to. */
export interface Delivery extends DeliverySettings {
  post: Post
  /** Where objects go. Default: `/users/track/sync`. */
  endpoint?: Endpoint
  /** Breaks off what is in flight; their answers are then lost. */
  hangUp: () => void
  rateLimit: RateLimit
  clock: Clock
  random: () => number
  readings: Readings
  /** The host, for messages. */
  host: string
  /** Objects of the run, for budgets in per cent. */
  total: number
  /** What earlier processes of the run did for an object. */
  earlier: (seq: number) => Earlier | undefined
  /** What they left unsettled, and what may have to wait for it. */
  unsettled: Iterable<Unsettled>
  /** Aborted with a `Stop` as its reason, it ends the delivery: no new requests, those in flight are waited for. */
  stop: AbortController
  /** An object was read, and waits for its turn. */
  read?: (object: TrackObject) => void
  /** Called before a request leaves, with the objects it carries. It stays where this resolves to false: the run stops. */
  sending: (leaving: Leaving[]) => Promise<boolean>
  /** An exchange that was not the end of its objects: they are tried again, or the run stops. */
  failed: (objects: TrackObject[], exchange: Exchange) => void
  /**
   * Looks at the profile of objects that are about to be given up as unknown. Resolves to null where no look was possible;
   * the objects then end as if there were none. Default: nobody looks.
   */
  inDoubt?: (objects: TrackObject[], exchange: Exchange, asked: TrackObject) => Promise<LookedUp | null>
  /** The end of the objects that one request carried; `asked` is what they were as one object. */
  settled: (objects: TrackObject[], exchange: Exchange, asked: TrackObject) => void
  /**
   * The end of an object that was not sent, or certainly not applied when the run stopped. It is `unknown` where it left
   * before, in this process or an earlier one, and no response says what became of it.
   */
  unsent: (
    object: TrackObject,
    outcome: 'held' | 'not_sent' | 'unknown',
    message: string,
    attempts: number,
  ) => void
  /** Time in which a request could have left, and everything that was read had to wait for the answer to another. */
  waitedForLanes: (ms: number) => void
}
