import { type Dispatcher, errors } from 'undici'
import type { Post } from '../model/exchange.ts'
import { networkCauseOf } from '../model/network.ts'
import type { Redact } from '../model/secret.ts'
import { answerBytesMax, readBody, tooLarge } from './response-body.ts'
import { asksForPassword } from './through-proxy.ts'

/** Timers know no longer time: 24 days. */
const timerMsMax = 2 ** 31 - 1

type Result = Awaited<ReturnType<Post>>

/** What every request of a run goes by. */
export interface CallSettings {
  /** From the moment a request is handed over to the end of its answer, whatever happens in between. */
  timeoutMs: number
  redact: Redact
}

/**
 * One request, as undici reports it. Whether a byte may have left is known exactly: undici says when it begins to write;
 * error codes do not say. The request ends within its deadline: undici's own timeouts restart with every byte.
 */
export class Call implements Dispatcher.DispatchHandler {
  readonly #settings: CallSettings
  readonly #resolve: (result: Result) => void
  readonly #timer: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | undefined
  #status: number | undefined
  #headers: Record<string, string> = {}
  #body: Buffer[] = []
  #bytes = 0
  #isOver = false

  constructor(settings: CallSettings, resolve: (result: Result) => void) {
    this.#settings = settings
    this.#resolve = resolve
    // Where this process was late itself, what has arrived meanwhile is read first: it is no fault of the host.
    const late = () => void setImmediate(() => this.#endLate())
    this.#timer = setTimeout(late, Math.min(settings.timeoutMs, timerMsMax))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Its deadline passed before there was a connection, and its end is reported: it must not leave any more.
    if (this.#isOver) controller.abort(new errors.RequestAbortedError())
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    // What comes before the answer, such as 103, is none.
    if (status < 200) return
    this.#status = status
    this.#headers = headers as Record<string, string>
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.#isOver) return
    this.#bytes += chunk.length
    if (this.#bytes > answerBytesMax) this.#breakOff(tooLarge)
    else this.#body.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#isOver || this.#status === undefined) return
    const headers = single(this.#headers)
    const read = readBody(this.#body, headers['content-encoding'])
    if ('cut' in read) this.#cut(read.cut)
    else this.#answer({ body: this.#redact(read.text), complete: true })
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#isOver) return
    const reason = this.#redact(reasonOf(error))
    if (this.#status !== undefined)
      this.#cut(`the connection broke before the response was complete (${reason})`)
    else this.#end({ lost: { sent: this.#mayHaveLeft(reason), reason } })
  }

  #endLate(): void {
    if (this.#isOver) return
    const seconds = Math.round(this.#settings.timeoutMs / 100) / 10
    if (this.#status !== undefined) return this.#breakOff(`the response was not complete after ${seconds} s`)
    this.#end({ lost: { sent: this.#mayHaveLeft('DEADLINE'), reason: 'DEADLINE' } })
    this.#controller?.abort(new errors.RequestAbortedError())
  }

  #mayHaveLeft(reason: string): boolean {
    return this.#controller !== undefined && networkCauseOf(reason).left !== 'no'
  }

  #breakOff(why: string): void {
    this.#cut(why)
    this.#controller?.abort(new errors.RequestAbortedError())
  }

  #cut(cut: string): void {
    this.#answer({ body: '', complete: false, cut: this.#redact(cut) })
  }

  #answer(said: { body: string; complete: boolean; cut?: string }): void {
    const headers = this.#redactHeaders(single(this.#headers))
    this.#end({ answer: { status: this.#status ?? 0, headers, ...said } })
  }

  #end(result: Result): void {
    this.#isOver = true
    this.#body = []
    clearTimeout(this.#timer)
    this.#resolve(result)
  }

  #redactHeaders(headers: Record<string, string>): Record<string, string> {
    let all = ''
    for (const name in headers) all += `${name} ${headers[name]} `
    if (this.#redact(all) === all) return headers
    const entries = Object.entries(headers).map(([name, value]) => [this.#redact(name), this.#redact(value)])
    return Object.fromEntries(entries) as Record<string, string>
  }

  /** What a 2XX says are values, which stay as they are. */
  #redact(text: string): string {
    const isData = this.#status !== undefined && this.#status < 300
    return this.#settings.redact(text, isData)
  }
}

/** Of a repeated header the first value counts; only content encodings are nested. */
function single(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const [name, value] of Object.entries(headers))
    if (Array.isArray(value)) headers[name] = name === 'content-encoding' ? value.join() : (value[0] ?? '')
  return headers as Record<string, string>
}

function reasonOf(error: unknown): string {
  if (asksForPassword(error)) return 'PROXY_PASSWORD'
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (error instanceof errors.HTTPParserError) return typeof code === 'string' ? code : 'HPE_INVALID'
  return typeof code === 'string' ? code : String(name)
}
