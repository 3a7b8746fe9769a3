import { styleText } from 'node:util'
import type { Typed } from '../model/next-command.ts'
import { systemClock } from '../rate-limit/system-clock.ts'
import { type Paint, wrap } from '../report/layout.ts'

/** Where words go: the summary to stdout, all else to stderr. */
export interface Console {
  /** The result: the one thing that a pipe should carry. */
  out: (text: string) => void
  /** What people or logs may want to know on the way. */
  log: (message: string, fields?: Fields) => void
  /** Something that must be seen, quiet or not. */
  error: (message: string, fields?: Fields) => void
  quiet: boolean
  json: boolean
  /** Lines on stderr are JSON objects. */
  isLog?: boolean
  /** The width of the terminal that stderr is; undefined where it is none. */
  columns?: number | undefined
  /** The command as it was typed, for the next one to repeat. */
  typed?: Typed
  /** Colours, where the reader of stderr or stdout has them and wants them. */
  paint?: Paint
  paintOut?: Paint
}

/** What a line of a JSON log carries beside its time, level, event and message. */
export type Fields = Record<string, unknown> & {
  /** What the line is about, for machines. */
  event?: string
  level?: 'info' | 'warn' | 'error'
  /** The message is laid out in lines of its own; a JSON log has `summary` in its place. */
  laidOut?: string
  /** Says again in words what the line before it has in its fields. */
  isDetail?: true
}

export interface ConsoleOptions {
  quiet?: boolean
  json?: boolean
  logFormat?: string
  /** False for no colours, whatever the environment says. */
  color?: boolean
  now?: () => number
  typed?: Typed
  stdout?: Stream
  stderr?: Stream
}

type Stream = NodeJS.WritableStream & { isTTY?: boolean | undefined; columns?: number | undefined }

export function createConsole({
  quiet = false,
  json = false,
  logFormat = 'text',
  color = true,
  now = systemClock.now,
  typed,
  stdout = process.stdout,
  stderr = process.stderr,
}: ConsoleOptions = {}): Console {
  const isLog = logFormat === 'json'
  const columns = stderr.isTTY === true && !isLog ? (stderr.columns ?? 80) : undefined
  // Node asks NO_COLOR, FORCE_COLOR and the terminal.
  const paintFor =
    (stream: Stream): Paint =>
    (style, text) =>
      color ? styleText(style, text, { stream }) : text
  const [paint, paintOut] = [paintFor(stderr), paintFor(stdout)]
  const hasColours = (painting: Paint) => painting('red', '.') !== '.'

  function write(level: string, message: string, fields: Fields): void {
    const { event = level, level: told = level, laidOut, isDetail, ...rest } = fields
    if (!isLog) {
      const shown = printable(message, hasColours(paint))
      return void stderr.write(`${columns === undefined ? shown : folded(shown, fields)}\n`)
    }
    if (isDetail === true) return
    const said = (laidOut ?? message).replace(/^track-sync: /, '')
    const line = { time: new Date(now()).toISOString(), level: told, event, message: said, ...rest }
    stderr.write(`${printableJson(JSON.stringify(line))}\n`)
  }

  /** Commands are copied, and what is laid out has its lines; everything else is broken between words. */
  function folded(message: string, { event, laidOut }: Fields): string {
    if (event === 'next' || laidOut !== undefined) return message
    const indent = message.startsWith('  ') ? 4 : 2
    return message
      .split('\n')
      .flatMap(line => wrap(line, indent, columns))
      .join('\n')
  }

  return {
    out: text => stdout.write(`${json ? printableJson(text) : printable(text, hasColours(paintOut))}\n`),
    log: (message, fields = {}) => {
      if (!quiet) write('info', message, fields)
    },
    error: (message, fields = {}) => write('error', message, fields),
    quiet,
    json,
    isLog,
    columns,
    ...(typed === undefined ? {} : { typed }),
    paint: isLog ? (_style, text) => text : paint,
    paintOut,
  }
}

/**
 * Names and values are of others, and a terminal does what control characters say; the marks that turn the direction of
 * text let it pretend to be another. Line ends and tabs pass.
 */
const acting = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]`
const actingAnywhere = new RegExp(acting, 'gu')
/** The colours and weights that we use ourselves; others that look like them do no more. */
const actingButColours = new RegExp(String.raw`(?!\u001b\[(?:1|2|22|3[1-3]|39)m)${acting}`, 'gu')

/** A text that a terminal shows and does not obey. */
export function printable(text: string, hasColours = false): string {
  return text.replaceAll(hasColours ? actingButColours : actingAnywhere, '·')
}

/** The same of JSON, which has a way to write such characters in its strings. */
export function printableJson(json: string): string {
  return json.replaceAll(actingAnywhere, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
