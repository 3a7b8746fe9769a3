import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { onSignals } from '../../src/cli/signals.ts'
import type { Stop } from '../../src/index.ts'

/** A process that is told signals by hand, and notes what becomes of it. */
function listen(patienceMs = 1000) {
  const told: string[] = []
  const signals = new EventEmitter()
  const release = onSignals(
    {
      stop: ({ exit, message }: Stop) => told.push(`stop: ${exit}, ${message}`),
      leave: code => told.push(`leave: ${code}`),
      patienceMs: () => patienceMs,
    },
    {
      on: (signal, listener) => signals.on(signal, listener),
      off: (signal, listener) => signals.off(signal, listener),
      quit: (signal, code) => told.push(`quit: ${signal} ${code}`),
    },
  )
  return { told, release, send: (signal: string) => signals.emit(signal, signal) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe.each([
  ['SIGINT', 'interrupted, Interrupted.', 130],
  ['SIGTERM', 'terminated, Terminated.', 143],
])('%s', (signal, exit, code) => {
  test('asks for an orderly end first, and ends what is not over in time', () => {
    const { told, send } = listen(1000)
    send(signal)
    vi.advanceTimersByTime(999)
    expect(told).toEqual([`stop: ${exit}`])
    vi.advanceTimersByTime(1)
    expect(told).toEqual([`stop: ${exit}`, `leave: ${code}`, `quit: ${signal} ${code}`])
    vi.advanceTimersByTime(100_000)
    expect(told).toHaveLength(3)
  })

  test('that comes again ends it at once; a third is the system’s', () => {
    const { told, send } = listen()
    send(signal)
    send('SIGTERM')
    expect(told).toEqual([`stop: ${exit}`, `leave: ${code}`, `quit: ${signal} ${code}`])
    expect(send(signal)).toBe(false)
  })

  test('whose orderly end is over still ends a process that something keeps alive', () => {
    const { told, send, release } = listen()
    send(signal)
    release()
    expect(told).toEqual([`stop: ${exit}`])
    vi.advanceTimersByTime(1000)
    expect(told).toEqual([`stop: ${exit}`, `quit: ${signal} ${code}`])
  })
})

test('without a signal nothing is ended, and afterwards nobody listens', () => {
  const { told, send, release } = listen()
  release()
  expect(send('SIGTERM')).toBe(false)
  vi.advanceTimersByTime(100_000)
  expect(told).toEqual([])
})
