import { type Profile, Profiles } from './profile.ts'

/**
 * The profiles as an export shows them: a write takes a while until it can be seen. What `/users/track/sync` shows is not
 * delayed. Source: contract §8.
 */
export class ExportView {
  readonly #shown = new Profiles()
  #pending: { at: number; written: readonly Profile[] }[] = []

  /** Adds what a request wrote; an export shows it from the given moment on, and never before an earlier write. */
  add(written: readonly Profile[], at: number): void {
    const previous = this.#pending.at(-1)
    this.#pending.push({ at: Math.max(at, previous?.at ?? at), written })
  }

  /** What an export shows now. */
  profiles(now: number): Profiles {
    const due = this.#pending.filter(({ at }) => at <= now)
    for (const { written } of due) this.#shown.save(written)
    if (due.length > 0) this.#pending = this.#pending.slice(due.length)
    return this.#shown
  }
}
