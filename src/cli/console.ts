/** Where words go: the summary to stdout, all else to stderr. */
export interface Console {
  /** The result: the one thing that a pipe should carry. */
  out: (text: string) => void
  /** What people or logs may want to know on the way. */
  log: (message: string, fields?: Record<string, unknown>) => void
  /** Something that must be seen, quiet or not. */
  error: (message: string, fields?: Record<string, unknown>) => void
  quiet: boolean
  json: boolean
}

export function createConsole({ quiet = false, json = false, logFormat = 'text' } = {}): Console {
  const write = (level: string, message: string, fields: Record<string, unknown> = {}) => {
    const line =
      logFormat === 'json'
        ? JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })
        : message
    process.stderr.write(`${line}\n`)
  }
  return {
    out: text => process.stdout.write(`${text}\n`),
    log: (message, fields) => {
      if (!quiet) write('info', message, fields)
    },
    error: (message, fields) => write('error', message, fields),
    quiet,
    json,
  }
}
