import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Readings } from '../braze/assumptions.ts'
import { findRunFolder as findFolder, journalName } from '../journal/folder.ts'
import { type Mapping, readMapping as readMappingText } from '../map/mapping.ts'
import type { Clock } from '../model/clock.ts'
import type { Exchange } from '../model/exchange.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { kinds } from '../model/kind.ts'
import { TrackSyncError } from '../model/problem.ts'
import { checkSandboxOptions } from '../options.ts'
import { checkValue } from '../options/check-options.ts'
import { programValue } from '../options/form.ts'
import { path, run, text } from '../options/forms.ts'
import { assumptions } from '../options/pairs.ts'
import { type Asked, type Judgement, Memory, reconcile as reconcileOne } from '../reconcile/reconcile.ts'
import { createSandbox as startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/server.ts'
import { readingsOf } from './survey.ts'

/** Functions of the rooms as a program gets them: what it gives them is looked at first. */

/** Starts the endpoint on this machine: the same bodies, answers and limits as the real one is believed to have. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return await startSandbox(checkSandboxOptions(options))
}

/** Reads a mapping file. A mistake is reported with its line and the nearest valid word. */
export function readMapping(yaml: string, file: string): Mapping {
  return readMappingText(checkValue(text, yaml, 'text'), checkValue(path, file, 'file'))
}

/** The folder of a run given by path, by id, or as `latest`. */
export async function findRunFolder(runsDir: string, name: string): Promise<string> {
  return await findFolder(checkValue(path, runsDir, 'runsDir'), checkValue(run, name, 'run'))
}

/**
 * Asked against echoed, without a run. `at` is when the response came, in milliseconds; `memory` what earlier responses
 * showed; `readings` how the API is taken to behave where its pages disagree.
 */
export function reconcile(
  asked: Asked,
  exchange: Exchange,
  at: number,
  memory: Memory,
  readings: Partial<Readings> = {},
): Judgement {
  checkValue(askedForm, asked, 'asked')
  checkValue(exchangeForm, exchange, 'exchange')
  checkValue(momentForm, at, 'at')
  checkValue(memoryForm, memory, 'memory')
  return reconcileOne(
    asked,
    exchange,
    at,
    memory,
    readingsOf({ readings: checkValue(assumptions, readings, 'readings') }),
  )
}

/** A clock has the time and sleeps. */
export function checkClock(clock: Clock): Clock {
  return checkValue(clockForm, clock, 'clock')
}

/** The folder of a run; without a journal it holds none. */
export function checkFolder(folder: string, field = 'folder'): string {
  if (existsSync(join(checkValue(path, folder, field), journalName))) return folder
  throw new TrackSyncError('run_not_found', `There is no run ${folder}.`, {
    field,
    file: folder,
    expected: 'the folder of a run',
  })
}

const askedForm = {
  schema: z.looseObject(
    {
      kind: z.enum(kinds),
      user: z.string({ error: 'the identifier of the user, as text' }),
      body: z.custom<JsonObject>(isJsonObject, { error: 'the object that was asked for' }),
    },
    { error: '{ kind, user, body }' },
  ),
}

const answer = z.looseObject({
  status: z.int({ error: 'a status' }),
  headers: z.record(z.string(), z.string(), { error: 'headers' }),
  body: z.string({ error: 'the body as text' }),
  complete: z.boolean({ error: 'true or false' }),
})
const lost = z.looseObject({
  sent: z.boolean({ error: 'true or false' }),
  reason: z.string({ error: 'a code' }),
})

const exchangeForm = {
  schema: z.looseObject(
    {
      result: z.union([z.looseObject({ answer }), z.looseObject({ lost })], {
        error: '{ answer } or { lost }',
      }),
      inDoubt: z.boolean({ error: 'true or false' }),
    },
    { error: '{ result, attempts, durationMs, inDoubt }' },
  ),
}

const clockForm = programValue<Clock>('a clock: { now, sleep }', value => {
  const { now, sleep } = (value ?? {}) as Partial<Clock>
  return typeof now === 'function' && typeof sleep === 'function'
})
const momentForm = programValue<number>('a moment in milliseconds', Number.isFinite)
const memoryForm = programValue<Memory>('a Memory', value => value instanceof Memory)
