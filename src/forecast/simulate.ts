/** Consecutive rows of the input: how many belong to each hot user, and how many to all other users. */
export interface Stretch {
  hot: number[]
  others: number
}

/** The rows still to be sent, in input order. */
export interface Backlog {
  /** Rows that have been read and are waiting. */
  waiting: Stretch[]
  /** Rows that have not been read yet. */
  unread: Stretch[]
  /** How many rows may wait at once; reading stops until one of them is sent. */
  readAhead: number
}

/** How fast the backlog can be sent. */
export interface Speed {
  /** Requests per millisecond. */
  perMs: number
  rowsPerRequest: number
  hot: HotUserSpeed[]
}

/** A hot user has one request in flight at a time. */
export interface HotUserSpeed {
  answerMs: number
  /** How long its next request waits for a permit while other users compete for one. */
  permitMs: number
  rowsPerRequest: number
}

/** A larger backlog is simulated in batches of rows, so that it takes no longer than a small one. */
const batchesMax = 2000

/**
 * The milliseconds it takes to send the backlog. Rows are read in order, and the oldest one whose user is free goes
 * first. Rows of a hot user pile up, hold up reading, and may be all that is left in the end.
 */
export function simulate({ waiting, unread, readAhead }: Backlog, speed: Speed): number {
  const stretches = [...waiting, ...unread]
  const rows = stretches.reduce((sum, stretch) => sum + rowsIn(stretch), 0)
  const batchRows = Math.max(1, rows / batchesMax)
  const hot = speed.hot.map(user => new Queue(user))
  const others = new Queue({ answerMs: 0, permitMs: 0, rowsPerRequest: speed.rowsPerRequest })
  const queues = [...hot, others]
  const batches = enqueue(queues, stretches, batchRows)

  let now = 0
  for (let sent = 0; sent < batches; ) {
    const read = sent + Math.max(1, readAhead / batchRows)
    const ready = queues.filter(queue => queue.head < read)
    const [oldest] = ready.filter(({ freeAt }) => freeAt <= now).toSorted((a, b) => a.head - b.head)
    if (oldest === undefined) {
      now = Math.min(...ready.map(({ freeAt }) => freeAt))
      continue
    }
    const { answerMs, permitMs, rowsPerRequest } = oldest.user
    const requests = batchRows / rowsPerRequest
    const slotMs = requests / speed.perMs
    const contentionMs = others.head < read ? permitMs : 0
    // Up to a slot of lag comes from sending in whole slots; the real wait is `permitMs`.
    const startedAt = now - oldest.freeAt <= slotMs ? oldest.freeAt : now
    if (oldest !== others) oldest.freeAt = startedAt + requests * (answerMs + contentionMs)
    oldest.sent++
    now += slotMs
    sent++
  }
  return Math.max(now, ...hot.map(({ freeAt }) => freeAt))
}

/** The batches of one hot user, or of all other users. */
class Queue {
  readonly user: HotUserSpeed
  /** Where each batch is in the input. */
  readonly positions: number[] = []
  sent = 0
  freeAt = 0

  constructor(user: HotUserSpeed) {
    this.user = user
  }

  /** The position of the oldest batch not sent yet. */
  get head(): number {
    return this.positions[this.sent] ?? Number.POSITIVE_INFINITY
  }
}

/** Fills the queues, interleaving users evenly within a stretch. Returns the number of batches. */
function enqueue(queues: readonly Queue[], stretches: readonly Stretch[], batchRows: number): number {
  const due = queues.map(() => 0)
  let batches = 0
  let rows = 0
  for (const stretch of stretches) {
    const counts = [...stretch.hot, stretch.others]
    const total = rowsIn(stretch)
    // The tolerance keeps rounding errors from losing a batch.
    for (rows += total; rows >= batchRows * (1 - 1e-6); rows -= batchRows) {
      for (const [i, count] of counts.entries()) due[i] = (due[i] ?? 0) + count / total
      const next = due.indexOf(Math.max(...due))
      due[next] = (due[next] ?? 0) - 1
      queues[next]?.positions.push(batches++)
    }
  }
  return batches
}

function rowsIn({ hot, others }: Stretch): number {
  return hot.reduce((sum, rows) => sum + rows, others)
}
