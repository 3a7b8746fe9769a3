import { setMaxListeners } from 'node:events'
import type { Clock } from '../model/clock.ts'
import type { Answer, Post } from '../model/exchange.ts'
import { stopOf } from '../model/exit.ts'
import { isHopeless } from '../model/network.ts'
import type { Look, ProfileSource, Unseen, Wanted } from '../model/observation.ts'
import { backoffMs, type RateLimit } from '../rate-limit/rate-limit.ts'
import { afterExport, type Step } from './after-export.ts'
import { exportBody, knownFields } from './export-request.ts'
import { matchExport } from './match.ts'
import { personOf } from './person.ts'
import type { Export } from './read-export.ts'
import { type Batch, defaultFillMs, Waiting, type Wish } from './waiting.ts'

export interface LookupOptions {
  /** Sends to `/users/export/ids`. */
  post: Post
  rateLimit: RateLimit
  clock: Clock
  random: () => number
  /** Aborted, it ends what waits; what is in flight is waited for. */
  signal: AbortSignal
  /** The host, for messages. */
  host: string
  /** How long a request may wait for others to share it, in milliseconds. Default 2 s. */
  fillMs?: number
  /** Requests in flight at most. Default 4. */
  concurrency?: number
  /** Called after each request, before anybody learns what it showed. */
  looked?: (looked: Looked) => void
  /** Called once, where the key may not export. */
  denied?: (message: string) => void
}

/** A request and what came of it. */
export interface Looked {
  /** The users it asked for. */
  users: number
  status: number | null
  /** Why there is no response, or why it is incomplete or not readable. */
  reason: string | null
  ms: number
  /** When the request left, in milliseconds since 1970. */
  at: number
}

/** A request is repeated as often as this after failures; a 429 is none. */
const retriesMax = 6
/** So many requests in a row given up without a word from the host, and whoever waits is told at once. */
const silentMax = 5

/** Reads profiles through `/users/export/ids`, in requests that are as full as they get. */
export function createLookups(options: LookupOptions): ProfileSource {
  const lookups = new Lookups(options)
  return {
    look: (wanted, urgent) => lookups.look(wanted, urgent),
    hurry: () => lookups.hurry(),
    close: () => lookups.close(),
  }
}

class Lookups {
  readonly #options: LookupOptions
  readonly #concurrency: number
  readonly #waiting: Waiting
  /** Batches that failed and wait for their next attempt; aborting `#rest` wakes them. */
  readonly #resting = new Set<Batch>()
  #rest = newController()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #over = newController()
  #ending: Unseen | null = null
  #isSending = false
  #changed = new AbortController()
  #hasResponded = false
  /** Batches in a row that were given up without any response. */
  #silent = 0
  /** Whether responses list the ids that lead to nobody. */
  #listsAbsent = true

  constructor(options: LookupOptions) {
    this.#options = options
    this.#concurrency = options.concurrency ?? 4
    this.#waiting = new Waiting(options.fillMs ?? defaultFillMs)
    if (options.signal.aborted) this.#stop()
    else options.signal.addEventListener('abort', this.#stop, { once: true })
  }

  look({ user, fields }: Wanted, isUrgent = false): Promise<Look> {
    const ending = this.#ending
    if (ending !== null) return Promise.resolve({ unseen: ending })
    const person = personOf(user)
    if (person === undefined) {
      const message = 'A user without an identifier cannot be looked up.'
      return Promise.resolve({ unseen: { why: 'failed', message } })
    }
    return new Promise(resolve => {
      const since = this.#options.clock.now()
      const wish = { user, person, fields: new Set(knownFields(fields)), since, askers: [resolve] }
      this.#waiting.add(wish, isUrgent)
      this.#raise()
    })
  }

  hurry(): void {
    this.#waiting.hurry()
    this.#raise()
  }

  async close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#stop)
    this.#end({ why: 'stopped', message: 'The lookups are closed.' })
    await Promise.all(this.#inFlight)
  }

  readonly #stop = (): void => {
    this.#end({ why: 'stopped', message: stopOf(this.#options.signal).message })
  }

  /** Nobody is looked up from now on. */
  #end(unseen: Unseen): void {
    if (this.#ending !== null) return
    this.#ending = unseen
    this.#over.abort()
    this.#dismiss(unseen)
  }

  /** Whoever waits is told why nothing will be seen. */
  #dismiss(unseen: Unseen): void {
    const resting = [...this.#resting].flatMap(({ wishes }) => wishes)
    this.#resting.clear()
    this.#rest.abort()
    this.#rest = newController()
    for (const wish of [...resting, ...this.#waiting.clear()]) tell(wish, { unseen })
    this.#raise()
  }

  #raise(): void {
    this.#changed.abort()
    if (this.#isSending || this.#waiting.isEmpty) return
    this.#isSending = true
    this.#send().catch((error: unknown) => {
      this.#isSending = false
      this.#dismiss({ why: 'failed', message: String(error) })
    })
  }

  /** First the permit, then the batch: while a request may not leave, more users come to share it. */
  async #send(): Promise<void> {
    const { clock, rateLimit } = this.#options
    while (!this.#waiting.isEmpty) {
      const readyAt = this.#inFlight.size < this.#concurrency ? this.#waiting.readyAt() : null
      if (readyAt === null || readyAt > clock.now()) {
        await this.#untilChanged(readyAt)
        continue
      }
      // Also where nothing is to be waited for, so that all who ask at once share a request.
      await rateLimit.acquire(this.#over.signal)
      const batch = this.#over.signal.aborted ? undefined : this.#waiting.take(clock.now())
      if (batch !== undefined) this.#leave(batch)
    }
    this.#isSending = false
  }

  async #untilChanged(at: number | null): Promise<void> {
    this.#changed = new AbortController()
    const { signal } = this.#changed
    if (at !== null) return await this.#options.clock.sleep(at - this.#options.clock.now(), signal)
    await new Promise(resolve => {
      signal.addEventListener('abort', resolve)
    })
  }

  #leave(batch: Batch): void {
    const request = this.#request(batch).catch((error: unknown) => {
      this.#fail(batch, String(error))
    })
    this.#inFlight.add(request)
    void request.then(() => {
      this.#inFlight.delete(request)
      this.#raise()
    })
  }

  async #request(batch: Batch): Promise<void> {
    const { post, clock, rateLimit, looked, host } = this.#options
    const { wishes } = batch
    const at = clock.now()
    const result = await post(exportBody(wishes))
    const answer = 'answer' in result ? result.answer : null
    if (answer !== null) {
      rateLimit.observe(answer, at)
      this.#hasResponded = true
      this.#silent = 0
    }
    const step = afterExport(result, host)
    const reason =
      'lost' in result ? result.lost.reason : (result.answer.cut ?? unreadable(step, result.answer))
    looked?.({ users: wishes.length, status: answer?.status ?? null, reason, ms: clock.now() - at, at })
    switch (step.do) {
      case 'match':
        return this.#match(batch, step.shown, at)
      case 'deny':
        return this.#deny(batch, step.message)
      case 'wait':
        return this.#again(batch)
      case 'part':
        return wishes.length > 1 ? this.#part(batch) : this.#fail(batch, step.message)
      case 'retry': {
        if (this.#ending !== null) return this.#fail(batch, step.message)
        batch.failures++
        const isHopelessNow = 'lost' in result && isHopeless(result.lost, this.#hasResponded)
        if (batch.failures > retriesMax || isHopelessNow) {
          this.#fail(batch, step.message)
          if (answer === null) this.#fellSilent(isHopelessNow, step.message)
          return
        }
        // The first may have been bad luck; then fewer profiles make a smaller response.
        if (step.isCut && wishes.length > 1 && batch.failures > 1) return this.#part(batch)
        void this.#backOff(batch)
      }
    }
  }

  #match(batch: Batch, shown: Export, at: number): void {
    const { wishes } = batch
    const matches = matchExport(wishes, shown, this.#listsAbsent)
    const [first] = wishes
    if (
      wishes.length === 1 &&
      first?.person.by === 'external_id' &&
      shown.users.length === 0 &&
      !shown.invalid?.has(first.person.value)
    )
      this.#listsAbsent = false
    for (const [i, wish] of wishes.entries()) {
      const match = matches[i]
      if (match === 'alone') this.#again({ wishes: [wish], failures: 0 })
      else if (match !== undefined) tell(wish, { seen: { ...match, at } })
    }
  }

  #deny(batch: Batch, message: string): void {
    const isNew = this.#ending?.why !== 'denied'
    this.#end({ why: 'denied', message })
    this.#fail(batch, message)
    if (isNew) this.#options.denied?.(message)
  }

  #fellSilent(isHopelessNow: boolean, message: string): void {
    if (isHopelessNow || ++this.#silent >= silentMax) this.#dismiss({ why: 'failed', message })
  }

  /** Two halves leave again; the one at fault ends up alone. */
  #part({ wishes, failures }: Batch): void {
    const middle = Math.ceil(wishes.length / 2)
    for (const half of [wishes.slice(0, middle), wishes.slice(middle)])
      this.#again({ wishes: half, failures })
  }

  async #backOff(batch: Batch): Promise<void> {
    const { clock, random } = this.#options
    this.#resting.add(batch)
    await clock.sleep(backoffMs(batch.failures, random), this.#rest.signal)
    if (this.#resting.delete(batch)) this.#again(batch)
  }

  #again(batch: Batch): void {
    if (this.#ending !== null) return this.#fail(batch, this.#ending.message)
    this.#waiting.addAgain(batch)
    this.#raise()
  }

  /** Nothing will be seen of these; once nobody is looked up any more, that is why. */
  #fail({ wishes }: Batch, message: string): void {
    const unseen = this.#ending ?? { why: 'failed' as const, message }
    for (const wish of wishes) tell(wish, { unseen })
  }
}

/** A status that promises profiles, and a body that shows none. */
function unreadable({ do: does }: Step, { status }: Answer): string | null {
  return does === 'retry' && status < 300 ? 'unreadable' : null
}

function tell({ askers }: Wish, look: Look): void {
  for (const asker of askers) asker(look)
}

/** As many may listen as there are batches. */
function newController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
