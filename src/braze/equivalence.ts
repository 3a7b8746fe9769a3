import { isJsonObject, type Json } from '../model/json.ts'
import type { Sourced } from '../model/provenance.ts'
import { accepts } from './accepts.ts'
import { countryCode, namesCountry } from './countries.ts'
import { tokensOf } from './exported-profile.ts'
import { reservedAttributes } from './fields.ts'
import { normalizeIdentifier } from './identifiers.ts'
import { readMoment } from './moments.ts'
import { isSameTimeZone } from './time-zones.ts'

/** What is different about a value that means the same, named by the reason code that it leads to. */
export type OtherForm =
  | 'email_form'
  | 'phone_form'
  | 'country_form'
  | 'language_form'
  | 'gender_form'
  | 'date_same_instant'
  | 'time_zone_form'
  | 'location_rounded'
  | 'token_listed'

/** How a standard field may come back from a profile in another form and still be what was asked for. */
interface Equivalence extends Sourced {
  /** The reason that it leads to. */
  reason: OtherForm
  /** Whether two values that are not equal mean the same. */
  isSame: (requested: Json, held: Json) => boolean
}

const attributesPage = 'braze-docs user_attributes_object'

/** The fields that may come back in another form. All others must be equal. */
export const equivalences: ReadonlyMap<string, Equivalence> = new Map(
  Object.entries({
    email: {
      reason: 'email_form',
      isSame: bothText((a, b) => normalizeIdentifier('email', a) === normalizeIdentifier('email', b)),
      basis: 'assumed',
      source: 'addresses find their profile in any case',
    },
    phone: {
      reason: 'phone_form',
      isSame: bothText((a, b) => phoneDigits(a) === phoneDigits(b)),
      basis: 'documented',
      source: 'braze-docs user_phone_numbers',
    },
    country: {
      reason: 'country_form',
      isSame: bothText(isSameCountry),
      basis: 'documented',
      source: attributesPage,
    },
    language: {
      reason: 'language_form',
      isSame: bothText((a, b) => languageTag(a) === languageTag(b) || primaryLanguage(a) === languageTag(b)),
      basis: 'assumed',
      source: `${attributesPage}: ISO 639-1, so a region is left out`,
    },
    gender: {
      reason: 'gender_form',
      isSame: bothText((a, b) => genderLetter(a) === genderLetter(b)),
      basis: 'assumed',
      source: `${attributesPage} names the words of the letters`,
    },
    dob: {
      reason: 'date_same_instant',
      isSame: bothText((a, b) => dayOf(a) !== undefined && dayOf(a) === dayOf(b)),
      basis: 'assumed',
      source: 'a date is midnight UTC, as in user_attributes_object',
    },
    time_zone: {
      reason: 'time_zone_form',
      isSame: bothText(isSameTimeZone),
      basis: 'assumed',
      source: `${attributesPage} shows an IANA and a Rails name`,
    },
    current_location: {
      reason: 'location_rounded',
      isSame: isSamePlace,
      basis: 'assumed',
      source: 'the pages name no precision',
    },
    push_tokens: {
      reason: 'token_listed',
      isSame: (requested: Json, held: Json) => {
        const listed = new Set(tokensOf(held))
        return tokensOf(requested).every(token => listed.has(token))
      },
      basis: 'documented',
      source: 'braze-docs post_users_identifier: an export has the name of the app, not its ID',
    },
  } satisfies Record<string, Equivalence>),
)

/** Whether the API does not store this value. Source: braze-docs user_attributes_object. */
export function isDropped(field: string, requested: Json, held: Json): boolean {
  if (reservedAttributes.get(field) === 'dropped') return held === null
  if (typeof requested !== 'string') return false
  // A country that is not recognised becomes null; a time zone that is not valid is not set, and the old one stays.
  if (field === 'country') return countryCode(requested) === undefined && held === null
  return field === 'time_zone' && !accepts.timeZone.test(requested)
}

function bothText(test: (requested: string, held: string) => boolean): Equivalence['isSame'] {
  return (requested, held) =>
    typeof requested === 'string' && typeof held === 'string' && test(requested, held)
}

/** All but the digits is removed, and ten digits without a `+` are a number of the US. */
function phoneDigits(text: string): string {
  const digits = text.replaceAll(/\D/g, '')
  return digits.length === 10 && !text.trim().startsWith('+') ? `1${digits}` : digits
}

function isSameCountry(requested: string, held: string): boolean {
  const code = countryCode(requested.trim())
  if (code !== undefined) return code === countryCode(held)
  return namesCountry(requested, held.toUpperCase())
}

function languageTag(text: string): string {
  return text.trim().toLowerCase().replaceAll('_', '-')
}

/** `es` of `es-MX`, `es_MX` and `ES`. */
function primaryLanguage(text: string): string {
  return languageTag(text).split('-', 1)[0] ?? ''
}

const genders = new Map([
  ['male', 'm'],
  ['female', 'f'],
  ['other', 'o'],
  ['not applicable', 'n'],
  ['prefer not to say', 'p'],
])

function genderLetter(text: string): string {
  const word = text.trim().toLowerCase().replaceAll(/[-_]/g, ' ')
  return genders.get(word) ?? word
}

/** The day of a birthday, in milliseconds: a time at midnight is its day, any other time is none. */
function dayOf(text: string): number | undefined {
  const ms = readMoment(text)?.ms
  return ms !== undefined && ms % 86_400_000 === 0 ? ms : undefined
}

/** Degrees by which rounding to four decimals may move a coordinate, and the error of the sum: about five metres. */
const precision = 0.000_05 + 1e-9

function isSamePlace(requested: Json, held: Json): boolean {
  if (!isJsonObject(requested) || !isJsonObject(held)) return false
  return ['longitude', 'latitude'].every(name => {
    const [asked, found] = [degrees(requested[name]), degrees(held[name])]
    return Math.abs(asked - found) <= precision
  })
}

/** A coordinate that was sent as text is a number on the profile. */
function degrees(value: Json | undefined): number {
  return typeof value === 'string' && value.trim() !== ''
    ? Number(value)
    : typeof value === 'number'
      ? value
      : NaN
}
