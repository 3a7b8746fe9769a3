import { z } from 'zod'
import { didYouMean } from '../map/nearest.ts'
import { type ProblemCode, TrackSyncError } from '../model/problem.ts'

/** What a value must be, in a program and as text. The same schema checks both. */
export interface Form<Value> {
  schema: z.ZodType<Value>
  /** How a flag, a variable or a settings file writes it; none if only a program can set it. */
  text?: TextForm
  /** It may be an instance of a class. */
  isInstance?: true
  /** It may contain a password or a key, so no message shows it. */
  secret?: true
  /** The problem code of a wrong value. Default: `settings_invalid`. */
  code?: ProblemCode
  /** The problem code of an unknown word. */
  wordCode?: ProblemCode
}

/** Converts text to a value of the schema, and back. A repeated setting has several texts. */
export interface TextForm {
  read: (texts: readonly string[], setting: string) => unknown
  /** Text that `read` reads back; undefined for values that text cannot express. */
  write: (value: unknown) => string[] | undefined
}

interface Single<Value> {
  schema: z.ZodType<Value>
  /** A description of the text, for messages. */
  expected: string
  /** Converts text to the value that the schema checks. Default: the text itself. */
  parse?: (text: string) => unknown
  /** Default: as `String` writes it. */
  write?: (value: Value) => string | undefined
  words?: readonly string[]
  secret?: true
  code?: ProblemCode
  wordCode?: ProblemCode
}

/** The form of a setting with one value; of several texts the last one counts. */
export function single<Value>({ schema, expected, parse, write, words = [], ...more }: Single<Value>) {
  const code = more.wordCode ?? more.code
  const form: Form<Value> = {
    schema,
    text: {
      read: (texts, setting) => {
        const text = texts.at(-1) ?? ''
        const checked = schema.safeParse(parse === undefined ? text : parse(text))
        if (checked.success) return checked.data
        const hint = didYouMean(text, words)
        throw wrong(setting, more.secret === true ? hiddenValue(text) : text, expected, hint, code)
      },
      write: value => {
        const text = write === undefined ? String(value) : write(value as Value)
        return text === undefined ? undefined : [text]
      },
    },
    ...more,
  }
  return form
}

/** A value that only a program can set. */
export function programValue<Value>(expected: string, is: (value: unknown) => boolean): Form<Value> {
  return { schema: z.custom<Value>(is, { error: expected }), isInstance: true }
}

/** The placeholder for a secret in a message. */
export function hiddenValue(value: unknown): string {
  return typeof value === 'string' ? 'text that is not shown here' : `a ${typeof value}`
}

/** The error for text that is not as expected. */
export function wrong(
  setting: string,
  came: string,
  expected: string,
  hint = '',
  code: ProblemCode = 'settings_invalid',
): TrackSyncError {
  const message = `\`${setting}\` should be ${expected}; it is ${came === '' ? 'empty' : `\`${came}\``}.${hint}`
  return new TrackSyncError(code, message, { field: setting, expected, came: came === '' ? 'nothing' : came })
}
