import type { Request } from './request.ts'

/**
 * The requests that may leave, in input order. What comes is nearly always the newest, and what leaves always the oldest,
 * so both ends are cheap however long it is.
 */
export class Ready {
  #requests: Request[] = []
  /** Index of the oldest; what was before it has left. */
  #head = 0

  peek(): Request | undefined {
    return this.#requests[this.#head]
  }

  shift(): Request | undefined {
    const request = this.#requests[this.#head]
    if (request === undefined) return undefined
    this.#head++
    if (this.#head >= 1024 && this.#head * 2 >= this.#requests.length) this.#trim()
    return request
  }

  /** Puts a request into its place, unless it is there. */
  add(request: Request): void {
    const requests = this.#requests
    const { seq } = request
    let low = this.#head
    let high = requests.length
    if (high === low || (requests[high - 1]?.seq ?? 0) < seq) low = high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((requests[middle]?.seq ?? 0) < seq) low = middle + 1
      else high = middle
    }
    if (requests[low] === request) return
    if (low === this.#head && low > 0) requests[--this.#head] = request
    else requests.splice(low, 0, request)
  }

  /** Removes what may not leave any more. */
  drop(isBound: (request: Request) => boolean): void {
    this.#trim()
    this.#requests = this.#requests.filter(request => !isBound(request))
  }

  clear(): void {
    this.#requests = []
    this.#head = 0
  }

  #trim(): void {
    this.#requests = this.#requests.slice(this.#head)
    this.#head = 0
  }
}
