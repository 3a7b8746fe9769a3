import { getMaxListeners } from 'node:events'
import { z } from 'zod'
import { type Mapping, mappingSchema } from '../map/mapping.ts'
import { kinds } from '../model/kind.ts'
import type { Plan } from '../model/plan.ts'
import type { UndoPlan } from '../model/undo-plan.ts'
import type { Source, Stream } from '../parse/source.ts'
import type { Pinned, SandboxRules } from '../sandbox/rules.ts'
import { type Form, programValue } from './form.ts'

/** The forms of values that only a program can set. */

const filesExpected = 'a list of paths, patterns, sources and streams; at least one'

export const files: Form<readonly (string | Source | Stream)[]> = {
  isInstance: true,
  schema: z
    .array(
      z.union([z.string().min(1), z.custom<Source>(isSource), z.custom<Stream>(isStream)], {
        error: 'a path, { name, chunks: () => … } or { name, stream: … }',
      }),
      { error: filesExpected },
    )
    .min(1, { error: filesExpected }),
}

function isSource(value: unknown): boolean {
  return isNamed(value) && 'chunks' in value && typeof value.chunks === 'function'
}

function isStream(value: unknown): boolean {
  if (!isNamed(value) || !('stream' in value)) return false
  const { stream } = value
  return (
    typeof stream === 'object' &&
    stream !== null &&
    (Symbol.asyncIterator in stream || Symbol.iterator in stream)
  )
}

function isNamed(value: unknown): value is object & { name: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    value.name !== ''
  )
}

export const mapping: Form<Mapping> = { schema: mappingSchema, code: 'mapping_invalid' }

const planShape = z.looseObject({
  objects: z.int(),
  invalid: z.int(),
  columns: z.looseObject({}),
  files: z.array(z.looseObject({ path: z.string(), sha256: z.string() })),
})

export const plan = programValue<Plan>(
  'a plan, as `plan` gives it',
  value => planShape.safeParse(value).success,
)

export const stop = programValue<AbortController>('an AbortController', value => {
  if (typeof value !== 'object' || value === null) return false
  const { abort, signal } = value as Partial<AbortController>
  return typeof abort === 'function' && isSignal(signal)
})

/** One of Node's own signals: others do not emit events here. */
function isSignal(value: unknown): boolean {
  try {
    return getMaxListeners(value as AbortSignal) >= 0 && typeof (value as AbortSignal).aborted === 'boolean'
  } catch {
    return false
  }
}

const pins = ['boolean', 'number', 'string', 'array', 'time'] as const satisfies Pinned[]

export const pinned: Form<Record<string, Pinned>> = {
  schema: z.record(z.string(), z.enum(pins), { error: '{ ATTRIBUTE: TYPE }, such as { age: "number" }' }),
}

export const blocked: Form<NonNullable<SandboxRules['blocked']>> = {
  schema: z.partialRecord(z.enum(kinds), z.array(z.string(), { error: 'a list of names' }), {
    error: '{ KIND: NAMES }, such as { events: ["opened"] }',
  }),
}

/** Asked before something is done; no is a no. */
export const question = programValue<(plan: UndoPlan) => boolean | Promise<boolean>>(
  'a function',
  value => typeof value === 'function',
)
