import { endpoints } from '../braze/endpoints.ts'
import { createPost } from '../deliver/post.ts'
import type { JournalWriter } from '../journal/writer.ts'
import { createLookups } from '../lookup/lookups.ts'
import type { Clock } from '../model/clock.ts'
import type { Stop } from '../model/exit.ts'
import type { Look, ProfileSource, Wanted } from '../model/observation.ts'
import { defaults, type ImportOptions } from '../options.ts'
import { createRateLimit } from '../rate-limit/rate-limit.ts'
import { createSpacing } from '../rate-limit/spacing.ts'

export interface LookupOptions {
  clock: Clock
  url: URL
  options: Pick<ImportOptions, 'key' | 'proxy' | 'target' | 'timeoutMs' | 'lookupRate'>
  /** Where the requests are recorded; an undo makes some before it has a journal. */
  journal?: Pick<JournalWriter, 'lookup'>
  stop: AbortController
  /** When lookups left that still count. */
  earlier?: readonly number[]
  /** Without the permission to read profiles the run is of no use: it stops. Else it goes on without lookups. */
  isRequired: boolean
  /** What to do where the key does not get that permission. */
  orElse?: string
}

/** Lookups in flight at most; even where each takes a while, that is enough for the fast limit of 40 a second. */
const inFlightMax = 24

const startsKeptMax = 100_000
/** How long a request in flight is waited for after a stop, in milliseconds: a process ends within 20 s of a signal. */
const stopPatienceMs = 10_000

/**
 * The profiles of a run. Each request is in the journal. The connection is made at the first look, so a run that has
 * nothing to look up makes none.
 */
export class Lookups implements ProfileSource {
  readonly #options: LookupOptions
  #opened: { source: ProfileSource; close: () => Promise<void> } | undefined
  /** Why the run goes on without lookups; undefined as long as there are any. */
  denied: string | undefined
  requests = 0
  /** When the latest of them left: more than any window of the rate holds. */
  readonly starts: number[] = []
  readonly #closed = new AbortController()

  constructor(options: LookupOptions) {
    this.#options = options
  }

  async look(wanted: Wanted, urgent?: boolean): Promise<Look> {
    this.#opened ??= this.#open()
    return await this.#opened.source.look(wanted, urgent)
  }

  hurry(): void {
    this.#opened?.source.hurry?.()
  }

  async close(): Promise<void> {
    await this.#opened?.source.close()
    this.#closed.abort()
    await this.#opened?.close()
    this.#opened = undefined
  }

  #open() {
    const { clock, url, options, journal, stop, earlier = [] } = this.#options
    const { key, proxy, timeoutMs, lookupRate } = { ...defaults, ...options }
    const through = proxy === undefined ? {} : { proxy }
    const { post, close } = createPost({
      url,
      key,
      endpoint: endpoints.exportIds,
      connections: inFlightMax,
      timeoutMs,
      ...through,
    })
    this.#hangUpAfterStop(close)
    const permit = createSpacing(lookupRate, clock)
    const rateLimit = createRateLimit(lookupRate, { permit, clock, random: Math.random, earlier })
    const source = createLookups({
      post,
      rateLimit,
      clock,
      random: Math.random,
      signal: stop.signal,
      host: options.target ?? url.origin,
      concurrency: inFlightMax,
      looked: ({ users, status, reason, ms, at }) => {
        this.requests++
        this.starts.push(at)
        if (this.starts.length > 2 * startsKeptMax) this.starts.splice(0, startsKeptMax)
        journal?.lookup({ users, status, ...(reason === null ? {} : { reason }), ms })
      },
      denied: message => this.#deny(message),
    })
    return { source, close }
  }

  /** What is in flight when the run is stopped is waited for, yet not for as long as a request may take. */
  #hangUpAfterStop(hangUp: () => Promise<void>): void {
    const { clock, stop } = this.#options
    const late = async () => {
      await clock.sleep(stopPatienceMs, this.#closed.signal)
      if (!this.#closed.signal.aborted) await hangUp()
    }
    if (stop.signal.aborted) void late()
    else stop.signal.addEventListener('abort', () => void late(), { once: true, signal: this.#closed.signal })
  }

  #deny(message: string): void {
    const { isRequired, stop } = this.#options
    if (!isRequired) {
      this.denied = message
      return
    }
    const { permission } = endpoints.exportIds
    const { orElse = 'run without --verify profile and --snapshot' } = this.#options
    const next = `Give the key the permission ${permission}, or ${orElse}.`
    if (!stop.signal.aborted) stop.abort({ exit: 'refused', message, next } satisfies Stop)
  }
}
