import { z } from 'zod'
import { didYouMean } from '../map/nearest.ts'
import { type ProblemCode, TrackSyncError } from '../model/problem.ts'

/** What a value has to be, in a program and as text. One schema decides in both. */
export interface Form<Value> {
  schema: z.ZodType<Value>
  /** How a flag, a variable or a settings file says it; none where only a program can. */
  text?: TextForm
  /** It may be an object of a class. */
  isThing?: true
  /** It may hold a password or a key, so no message shows it. */
  secret?: true
  /** The code of its mistakes. Default: `settings_invalid`. */
  code?: ProblemCode
  /** The code of a word that is none of those it could be. */
  wordCode?: ProblemCode
}

/** Text to a value of the schema, and back. What may be said several times is several texts. */
export interface TextForm {
  read: (texts: readonly string[], setting: string) => unknown
  /** As `read` would read it again; undefined for the values that text cannot say. */
  write: (value: unknown) => string[] | undefined
}

interface Single<Value> {
  schema: z.ZodType<Value>
  /** What the text should be, for people. */
  expected: string
  /** Text to what the schema then checks. Default: as it is. */
  parse?: (text: string) => unknown
  /** Default: as `String` writes it. */
  write?: (value: Value) => string | undefined
  words?: readonly string[]
  secret?: true
  code?: ProblemCode
  wordCode?: ProblemCode
}

/** The form of what is said once; of several texts the last one counts. */
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
        throw wrong(setting, more.secret === true ? unseen(text) : text, expected, hint, code)
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

/** A value of which only a program can give one. */
export function given<Value>(expected: string, is: (value: unknown) => boolean): Form<Value> {
  return { schema: z.custom<Value>(is, { error: expected }), isThing: true }
}

/** What stands for a secret in a message. */
export function unseen(value: unknown): string {
  return typeof value === 'string' ? 'text that is not shown here' : `a ${typeof value}`
}

/** The error of text that does not say what it should. */
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
