import { styleText } from 'node:util'
import type { Typed } from '../model/next-command.ts'
import { systemClock } from '../rate-limit/system-clock.ts'
import { type Paint, wrap } from '../report/layout.ts'

/** Where text goes: the summary to stdout, everything else to stderr. */
export interface Console {
  /** The result: the one thing that a pipe should carry. */
  out: (text: string) => void
  /** Information along the way, which --quiet hides. */
  log: (message: string, fields?: Fields) => void
  /** A message that --quiet does not hide. */
  error: (message: string, fields?: Fields) => void
  quiet: boolean
  json: boolean
  /** Lines on stderr are JSON objects. */
  isLog?: boolean
  /** The width of the terminal on stderr; undefined if stderr is not a terminal. */
  columns?: number | undefined
  /** The command as it was typed, for the next one to repeat. */
  typed?: Typed
  /** Colours for stderr and stdout, if the terminal has them and the user wants them. */
  paint?: Paint
  paintOut?: Paint
}

/** What a line of a JSON log contains beside its time, level, event and message. */
export type Fields = Record<string, unknown> & {
  /** What the line is about, for machines. */
  event?: string
  level?: 'info' | 'warn' | 'error'
  /** The message of a JSON log. The other one is formatted already, so it is not wrapped. */
  logMessage?: string
  /** Repeats in words what the line before has in its fields, so a JSON log leaves it out. */
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
    const { event = level, level: shownLevel = level, logMessage, isDetail, ...rest } = fields
    if (!isLog) {
      const shown = printable(message, hasColours(paint))
      return void stderr.write(`${columns === undefined ? shown : folded(shown, fields)}\n`)
    }
    if (isDetail === true) return
    const text = (logMessage ?? message).replace(/^track-sync: /, '')
    const line = { time: new Date(now()).toISOString(), level: shownLevel, event, message: text, ...rest }
    stderr.write(`${printableJson(JSON.stringify(line))}\n`)
  }

  /** Wraps a message between words, unless it is formatted already, or a command to copy. */
  function folded(message: string, { event, logMessage }: Fields): string {
    if (event === 'next' || logMessage !== undefined) return message
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
 * Names and values come from others, and a terminal obeys control characters. Marks that change the direction of text can
 * disguise it. Line ends and tabs are harmless.
 */
const controls = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]`
const anyControl = new RegExp(controls, 'gu')
/** Except the colours and weights that we use ourselves. */
const controlsExceptColours = new RegExp(String.raw`(?!\u001b\[(?:1|2|22|3[1-3]|39)m)${controls}`, 'gu')

/** A text without anything that a terminal would obey. */
export function printable(text: string, hasColours = false): string {
  return text.replaceAll(hasColours ? controlsExceptColours : anyControl, '·')
}

/** The same for JSON, which can escape such characters in its strings. */
export function printableJson(json: string): string {
  return json.replaceAll(anyControl, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
