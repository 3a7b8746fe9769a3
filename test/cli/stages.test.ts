import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bareEnv, main, trackSync } from '../support/cli.ts'
import { listen } from '../support/hostile.ts'
import { temporaryFolder } from '../support/run-folder.ts'

const cwd = temporaryFolder()
const env = { BRAZE_API_URL: 'http://127.0.0.1:1', BRAZE_API_KEY: 'a-key-of-a-test' }
writeFileSync(join(cwd, 'a.csv'), 'external_id,plan\nu1,gold\nu2,red\n')

/** A pipe that nobody writes into: to open it for reading takes for ever. */
function pipe(name: string): string {
  execFileSync('mkfifo', [join(cwd, name)])
  return name
}

/** The command as a child process; `until` waits for a sign that it has got somewhere. */
function start(args: string[], more: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...bareEnv(), ...env, ...more },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.resume()
  const closed = once(child, 'close') as Promise<[number | null, string | null]>
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    child,
    stderr: () => stderr,
    lastLine: () => stderr.trimEnd().split('\n').at(-1),
    ended: () => closed,
    until: async (isSo: () => boolean) => {
      while (!isSo()) await Promise.race([sleep(20), closed.then(() => Promise.reject(new Error(stderr)))])
    },
  }
}

/** As a shell sees it: the code of the process, or 128 and the number of its signal. */
function shellCode([code, signal]: [number | null, string | null]): number | null {
  return code ?? (signal === 'SIGTERM' ? 143 : signal === 'SIGINT' ? 130 : null)
}

const isReading = (run: string) => existsSync(join(cwd, 'reports', run, 'input-1.part'))

describe('a signal ends the command', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('while it waits for standard input (%s), and says what next', async (signal, code) => {
    const { child, until, ended, stderr, lastLine } = start(['import', '-', '--run-id', `silent-${signal}`])
    await until(() => isReading(`silent-${signal}`))
    child.kill(signal)
    expect(await ended()).toEqual([code, null])
    expect(stderr()).toContain('Nothing was sent')
    expect(lastLine()).toBe(`Next: track-sync import - --run-id silent-${signal}`)
    expect(existsSync(join(cwd, 'reports', `silent-${signal}`))).toBe(false)
  })

  test('while standard input goes on and on', async () => {
    const { child, until, ended } = start(['import', '-', '--run-id', 'endless'])
    child.stdin.on('error', () => {})
    const more = () => {
      while (child.stdin.write('external_id,plan\nu1,gold\n'.repeat(1000)));
    }
    child.stdin.on('drain', more)
    more()
    await until(() => isReading('endless'))
    child.kill('SIGTERM')
    expect(shellCode(await ended())).toBe(143)
  })

  test('while it opens a pipe that nobody writes into', async () => {
    const { child, until, ended, lastLine } = start(['import', pipe('input.csv'), '--run-id', 'pipe'])
    await until(() => isReading('pipe'))
    child.kill('SIGTERM')
    expect(shellCode(await ended())).toBe(143)
    expect(lastLine()).toBe('Next: track-sync import input.csv --run-id pipe')
  })

  test('while it waits for its mapping: at the second signal at once', async () => {
    const mapping = pipe('import.yaml')
    const { child, until, ended, stderr, lastLine } = start(['import', 'a.csv', '--mapping', mapping])
    await untilRead(mapping)
    child.kill('SIGTERM')
    await until(() => stderr().includes('Stopping'))
    child.kill('SIGTERM')
    expect(shellCode(await ended())).toBe(143)
    expect(lastLine()).toBe('Next: track-sync import a.csv --mapping import.yaml')
  })

  test('a plan that waits for a pipe, some seconds later', async () => {
    const input = pipe('plan.csv')
    const { child, ended, stderr, lastLine } = start(['plan', input])
    await untilRead(input)
    child.kill('SIGTERM')
    expect(shellCode(await ended())).toBe(143)
    expect(stderr()).toContain('Terminated. Nothing was sent.')
    expect(lastLine()).toBe('Next: track-sync plan plan.csv')
  })

  test('while requests are in flight: at the second signal at once', async () => {
    let asked = 0
    const url = await listen(socket => socket.on('data', () => asked++))
    const args = ['import', 'a.csv', '--run-id', 'flight', '--rate', 'off']
    const { child, until, ended, stderr, lastLine } = start(args, { BRAZE_API_URL: url.href })
    await until(() => asked > 0)
    child.kill('SIGTERM')
    await until(() => stderr().includes('Stopping: waiting for the requests in flight.'))
    child.kill('SIGTERM')
    expect(shellCode(await ended())).toBe(143)
    expect(lastLine()).toBe('Next: track-sync resume reports/flight --rate off')
  })

  test('sandbox', async () => {
    const { child, ended, until, stderr } = start(['sandbox', '--port', '0'])
    await until(() => stderr().includes('The sandbox is running'))
    child.kill('SIGTERM')
    expect(await ended()).toEqual([0, null])
  })
})

describe('what cannot be made or read ends by itself', () => {
  test.runIf(existsSync('/proc/self'))('a folder of runs where nothing can be made', async () => {
    const { code, stderr } = await trackSync(['import', 'a.csv', '--runs-dir', '/proc/x/y'], { cwd, env })
    expect(code).toBe(2)
    expect(stderr).toContain('Cannot write a run to /proc/x/y')
  })

  test('a pipe that nobody wants after all, because another file is missing', async () => {
    const args = ['import', pipe('unwanted.csv'), 'missing.csv']
    const { code, stderr } = await trackSync(args, { cwd, env })
    expect(code).toBe(2)
    expect(stderr).toContain('There is no file missing.csv.')
  })
})

/** Waits until somebody reads a pipe, and then gives nothing. */
async function untilRead(name: string): Promise<void> {
  for (;;) {
    try {
      const end = openSync(join(cwd, name), constants.O_WRONLY | constants.O_NONBLOCK)
      return onTestFinished(() => closeSync(end))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      await sleep(20)
    }
  }
}
