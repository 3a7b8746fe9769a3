import type { Stop } from '../model/exit.ts'
import type { ImportOptions } from '../options.ts'

const names = ['onPlan', 'onStart', 'onProgress'] as const
type Callbacks = Pick<ImportOptions, (typeof names)[number]>

/**
 * The callbacks of a caller, wrapped so that none of them can break the run it observes. The first one that throws, or
 * whose promise is rejected, stops the run; `rethrow` throws the very same error once the run has ended in good order.
 */
export function guardCallbacks(
  options: Callbacks,
  stop: AbortController,
): { callbacks: Callbacks; rethrow: () => void } {
  let failure: { error: unknown } | undefined

  function failed(name: string, error: unknown): void {
    failure ??= { error }
    if (!stop.signal.aborted)
      stop.abort({ exit: 'bug', message: `${name} threw: ${String(error)}` } satisfies Stop)
  }

  function guard(name: string, call: (...args: unknown[]) => unknown) {
    return (...args: unknown[]): void => {
      try {
        const result = call(...args)
        if (result instanceof Promise) result.catch((error: unknown) => failed(name, error))
      } catch (error) {
        failed(name, error)
      }
    }
  }

  const callbacks = Object.fromEntries(
    names.flatMap(name => {
      const call = options[name] as ((...args: unknown[]) => unknown) | undefined
      return call === undefined ? [] : [[name, guard(name, call)]]
    }),
  )
  return {
    callbacks,
    rethrow: () => {
      if (failure !== undefined) throw failure.error
    },
  }
}
