import { z } from 'zod'
import { exits } from '../../src/model/exit.ts'
import { kinds } from '../../src/model/kind.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { outcomeNames } from '../../src/model/outcome.ts'
import { encodings, formats, packings } from '../../src/model/row.ts'
import { type ReasonCode, reasons } from '../../src/model/verdict.ts'

/**
 * The twins of `Summary` and `Entry`, from which their JSON Schemas are made. The types of the code stay where they are,
 * and nothing is checked while a run is under way; `test/schema.test.ts` holds the twins, the files and the runs together.
 */
const count = z.int().min(0)
const ms = z.number().min(0)
const moment = z.int().min(0).describe('milliseconds since 1970')
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const status = z.enum(['finished', 'stopped', 'interrupted'])
const json = z.unknown() as unknown as z.ZodType<Json>
const object = z.record(z.string(), json) as unknown as z.ZodType<JsonObject>

export const summarySchema = z
  .strictObject({
    run: z.string().describe('the id of the run, the name of its folder'),
    version: z.string().describe('of track-sync, the last that ran it'),
    status,
    exitCode: z.literal(Object.values(exits).map(({ code }) => code)) as z.ZodType<number>,
    target: z.string().describe('the host, or `sandbox`'),
    startedAt: z.iso.datetime({ precision: 3 }),
    finishedAt: z.iso.datetime({ precision: 3 }),
    durationMs: ms.describe('in which a process was running; the time between processes is not counted'),
    inputs: z.array(
      z.strictObject({
        path: z.string(),
        bytes: count,
        sha256: z
          .string()
          .regex(/^(?:[0-9a-f]{64}|hmac:[0-9a-f]{24})$/)
          .describe('of its bytes; hashed again if the report is redacted'),
        rows: count,
      }),
    ),
    objects: z
      .strictObject({
        total: count,
        verified: count,
        unverifiable: count,
        mismatched: count,
        rejected: count,
        invalid: count,
        unknown: count,
        held: count,
        unchanged: count,
        notSent: count,
      })
      .describe('objects per outcome; the outcomes add up to the total'),
    overtaken: count.describe(
      'objects that were not applied, or may not have been, and whose field a later row has written since',
    ),
    values: z
      .strictObject({
        total: count,
        match: count,
        equivalent: count,
        unverifiable: count,
        changed: count,
        notApplied: count,
        unknown: count,
      })
      .describe('requested values per verdict; the verdicts add up to the total'),
    reasons: z.record(z.string(), count).describe('values per reason code, the most frequent first'),
    fields: z
      .record(z.string(), z.strictObject({ total: count, match: count, differ: count, unverifiable: count }))
      .describe('the same per field'),
    mode: z.enum(['import', 'audit']).describe('an audit compares, and sends nothing'),
    lookups: z
      .strictObject({
        requests: count,
        users: count.describe('looked up, twice if twice; with an export on disk, the users in it'),
        failed: count.describe('requests that showed nothing; of an export, records that cannot be used'),
        settled: count.describe('objects whose end comes from a profile'),
      })
      .describe('what was read of profiles'),
    requests: z.strictObject({
      sent: count,
      answered: count,
      retried: count,
      rateLimited: count.describe('429 responses'),
      coalesced: count.describe('objects sent in the request of another'),
      perMinute: ms,
      limitPerMinute: ms.nullable(),
      latencyMs: z.strictObject({ p50: ms, p95: ms, p99: ms, max: ms }),
    }),
    damage: z
      .strictObject({
        line: count.min(1),
        byte: count.describe('where that line begins'),
        why: z.string(),
        rows: count.describe('that are not mentioned before the damage; they count as unknown'),
      })
      .exactOptional()
      .describe(
        'present if the journal is damaged; everything else then covers only what comes before that line',
      ),
  })
  .meta({ title: 'summary.json of a run of track-sync' })

const raw = z
  .union([z.string(), z.strictObject({ base64: z.base64() })])
  .describe('the bytes of a record: as text if they are UTF-8, else in base64')
const place = {
  file: z.string(),
  row: count,
  line: count,
  part: count.describe('0 if the row is one object; 1, 2, … if it holds several'),
  kind: z.enum(kinds).nullable(),
  user: z.string().describe('the identifier that addresses the user, as JSON; empty if there is none'),
}
const sentObject = z.strictObject({ ...place, raw, body: object, leftOut: z.string().optional() })
const settings = object.describe('as they were set; never the key')
const limitPerMinute = ms.nullable()
const keyFingerprint = z.string().regex(/^[0-9a-f]{16}$/)
const crc = z
  .string()
  .regex(/^[0-9a-f]{8}$/)
  .exactOptional()
  .describe('CRC-32 of the bytes before this key and of those of all lines before; not in version 1')
const at = { at: moment, crc }
const ofObject = { ...at, seq: count.describe('the place of the object in the run, from 0') }
const rides = { with: count.optional().describe('the object whose request carries this one') }
const outcome = z.enum(outcomeNames)

const planFile = z.strictObject({
  path: z.string(),
  bytes: count,
  sha256,
  format: z.enum(formats),
  encoding: z.enum(encodings),
  delimiter: z.string().nullable(),
  packing: z.enum(packings).nullable(),
  rows: count,
  shapes: z.strictObject({
    track_body: count.exactOptional(),
    exported: count.exactOptional(),
    ingestion: count.exactOptional(),
  }),
  header: raw.nullable(),
})

const stop = z.strictObject({
  exit: z.enum(['stopped', 'refused', 'bug', 'interrupted', 'terminated']),
  message: z.string(),
  next: z.string().exactOptional(),
  resumeWith: z
    .union([z.record(z.string(), z.string()), z.string()])
    .exactOptional()
    .describe('the flags that a resume needs to get any further; a text in the journals of 0.1'),
})

const lines = [
  z
    .strictObject({
      t: z.literal('run'),
      ...at,
      journal: z.number().describe('the version of these lines'),
      run: z.string(),
      version: z.string(),
      target: z.string(),
      url: z.string(),
      keyFingerprint,
      settings,
      limitPerMinute,
      inputs: z.array(z.string()),
      cwd: z.string().describe('the folder that relative names start from'),
      audits: z.literal(true).optional().describe('an audit: nothing is written to the target'),
      mapping: z.strictObject({ path: z.string(), sha256 }).nullable(),
    })
    .describe('the first line: what this run is'),
  z
    .strictObject({
      t: z.literal('planned'),
      ...at,
      objects: count,
      invalid: count,
      files: z.array(planFile),
      types: z.record(z.string(), z.enum(['number', 'boolean', 'string'])),
      busiest: z
        .strictObject({
          every: count,
          rows: z.array(count),
          users: z.array(z.strictObject({ user: z.string(), rows: z.array(count) })),
        })
        .exactOptional(),
    })
    .describe('what the planning pass found; delivery uses the same types'),
  z
    .strictObject({
      t: z.literal('resumed'),
      ...at,
      journal: z.number().exactOptional().describe('the version of the lines from here on; not in version 1'),
      version: z.string(),
      keyFingerprint,
      settings,
      limitPerMinute,
    })
    .describe('another process resumes the run'),
  z
    .strictObject({
      t: z.literal('sent'),
      ...ofObject,
      attempt: count,
      ...rides,
      object: sentObject.optional().describe('with the first attempt of each process'),
    })
    .describe('on disk before the request is sent'),
  z
    .strictObject({
      t: z.literal('answered'),
      ...ofObject,
      ...rides,
      status: z.int().min(100).max(999),
      ms,
      outcome: outcome.exactOptional().describe('present if the response settled the object'),
      reasons: z
        .array(z.enum(Object.keys(reasons) as ReasonCode[]))
        .exactOptional()
        .describe('one per value, in the order of the body'),
      user: object.nullable().exactOptional().describe('the user as the response shows it'),
      message: z.string().optional(),
      looksUp: z.literal(true).optional().describe('the profile is looked up, too'),
    })
    .describe('a response'),
  z
    .strictObject({
      t: z.literal('observed'),
      ...ofObject,
      outcome: outcome.optional().describe('the end of the object, in place of the one of its response'),
      reasons: z
        .array(z.enum(Object.keys(reasons) as ReasonCode[]))
        .optional()
        .describe('one per value, in the order of the body'),
      user: object.nullable().optional().describe('what is known of the user, of what was asked for'),
      message: z.string().optional(),
      applied: z.literal(false).optional().describe('certainly not applied: the object is sent again'),
      object: sentObject.optional().describe('where no earlier line of the process carries it'),
      attempts: count.optional(),
      status: z.int().min(100).max(999).optional().describe('of the response that accepted it'),
    })
    .describe('what a look at the profile says of an object'),
  z
    .strictObject({
      t: z.literal('lookup'),
      ...at,
      users: count,
      status: count.nullable().describe('null if no response came'),
      reason: z.string().optional(),
      ms,
    })
    .describe('a request that read profiles'),
  z
    .strictObject({
      t: z.literal('export'),
      ...at,
      users: count,
      unusable: count.describe('records that cannot be used'),
      problems: z
        .array(z.strictObject({ file: z.string(), line: count, message: z.string() }))
        .describe('the first of them'),
    })
    .describe('the export on disk that an audit compares with'),
  z
    .strictObject({
      t: z.literal('lost'),
      ...ofObject,
      ...rides,
      reason: z.string(),
      sent: z.boolean().describe('false if certainly nothing was sent'),
      ms,
      outcome: z.literal('unknown').exactOptional(),
    })
    .describe('why there is no response'),
  z
    .strictObject({
      t: z.literal('refused'),
      ...ofObject,
      outcome: z.enum(['invalid', 'held', 'unchanged', 'not_sent']),
      reason: z.string(),
      message: z.string(),
      object: z.strictObject({ ...place, raw }),
      fields: z.array(z.string()).exactOptional().describe('what an invalid object would have written'),
      body: object.exactOptional().describe('what an unchanged object requested'),
    })
    .describe('an object that was not sent, or certainly not applied, and why'),
  z
    .strictObject({
      t: z.literal('end'),
      ...at,
      status,
      stop: stop.nullable(),
      waitedForLanesMs: ms,
      unread: count.exactOptional(),
    })
    .describe('how a process left the run'),
] as const

export const lineSchema = z
  .discriminatedUnion('t', lines)
  .meta({ title: 'A line of journal.ndjson of a run of track-sync' })

/** The schema as a file holds it. Bounds that only say what a number can carry are left out. */
export function schemaText(schema: z.ZodType): string {
  const made = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames
    },
  })
  return `${JSON.stringify(made, null, 2)}\n`
}
