import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { main } from './cli.ts'
import { temporaryFolder } from './run-folder.ts'

export interface Said {
  code: number | null
  stderr: string
  stdout: string
  /** The next command, as it is printed behind `Next: `. */
  next: string
  /** Its name in the table of next steps; only where lines are JSON. */
  step: string
}

/** A shell in which `track-sync` is the built command, and `xdg-open` opens nothing. */
export function createShell(): (
  line: string,
  options: { cwd: string; env?: Record<string, string>; stdin?: string },
) => Promise<Said> {
  const bin = join(temporaryFolder(), 'bin')
  mkdirSync(bin)
  write('track-sync', `exec "${process.execPath}" "${main}" "$@"`)
  write('xdg-open', 'exit 0')

  function write(name: string, text: string): void {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }

  return async (line, { cwd, env = {}, stdin = '' }) => {
    const path = `${bin}:${process.env['PATH'] ?? ''}`
    const child = spawn('bash', ['--norc', '-c', line], { cwd, env: { PATH: path, ...env } })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // A command that reads nothing may be over before this is written.
    child.stdin.on('error', () => {}).end(stdin)
    const code = await new Promise<number | null>(resolve => child.on('close', resolve))
    return { code, stdout, stderr, ...nextOf(stderr) }
  }
}

function nextOf(stderr: string): { next: string; step: string } {
  const last = stderr.trimEnd().split('\n').at(-1) ?? ''
  if (last.startsWith('{')) {
    const { event, message, step } = JSON.parse(last) as { event: string; message: string; step: string }
    return event === 'next' ? { next: message, step } : { next: '', step: '' }
  }
  return { next: /^Next: (.*)$/.exec(last)?.[1] ?? '', step: '' }
}
