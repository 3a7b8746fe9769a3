/**
 * Points on which Braze's pages disagree or are silent. Each has a default reading, and alternatives that can be chosen
 * by name. The sandbox, planning and reconciliation all follow the chosen readings. Source: contract §11.
 */
export interface Readings {
  /** Elements an array may have; older pages say 25, which can be raised to 100. */
  arrayMax: number
  /** What happens to an array that is too long; it is not documented which end is cut. */
  arrayOverflow: 'keep_last' | 'keep_first' | 'reject'
  /** What happens to text over 255 characters: the old value is kept, or the text is truncated. */
  longString: 'keep_old' | 'truncate'
  /** How characters are counted. */
  lengthUnit: 'code_points' | 'utf16'
  /** Whether one body may contain several kinds. */
  mixedBody: 'refuse' | 'allow'
  /** Whether an event or purchase with `_update_existing_only: false` creates a profile for an unknown alias. */
  aliasOccurrence: 'false_creates' | 'never_creates'
  /** Whether a null or invalid time in one object drops all nested values of the request, or only that attribute. */
  nestedInvalid: 'all_nested' | 'attribute_only'
  /** What happens to a value that does not have its attribute's forced type: it is coerced if possible, or rejected. */
  forcedType: 'coerce' | 'reject'
  /** What happens to attribute times in the future; an old page says that they are set to now. */
  futureAttributes: 'untouched' | 'clamp'
  /** Whether errors are sentences, as observed in responses, or the documented codes. */
  errorText: 'sentence' | 'code'
  /** The largest properties of a purchase; one page says 50 KB, another 100 KB. */
  purchasePropertiesBytes: number
}

interface Assumption<Value> {
  default: Value
  /** Alternatives to the default. */
  others: readonly Value[]
  question: string
  source: string
}

export const readings: { [Name in keyof Readings]: Assumption<Readings[Name]> } = {
  arrayMax: assume(
    500,
    [25, 100],
    'How many elements a list may have',
    'user_attributes_object: newest, and older',
  ),
  arrayOverflow: assume(
    'keep_last',
    ['keep_first', 'reject'],
    'What happens to a list that is too long',
    'inferred',
  ),
  longString: assume(
    'keep_old',
    ['truncate'],
    'What happens to text over 255 characters',
    'post_user_track_synchronous leaves it open',
  ),
  lengthUnit: assume('code_points', ['utf16'], 'How characters are counted', 'inferred'),
  mixedBody: assume(
    'refuse',
    ['allow'],
    'Whether one body may have several kinds',
    'post_user_track_synchronous; ambiguous',
  ),
  aliasOccurrence: assume(
    'false_creates',
    ['never_creates'],
    'Whether an event of an unknown alias creates a user',
    'event_object, purchase_object',
  ),
  nestedInvalid: assume(
    'all_nested',
    ['attribute_only'],
    'What an invalid value inside an object drops',
    'array_of_objects',
  ),
  forcedType: assume(
    'coerce',
    ['reject'],
    'What happens to a value that is not of the forced type',
    'managing_custom_data, change_custom_data_type',
  ),
  futureAttributes: assume(
    'untouched',
    ['clamp'],
    'What happens to attribute times in the future',
    'user_attributes_object: newest, and older',
  ),
  errorText: assume(
    'sentence',
    ['code'],
    'What the items of `errors` are',
    'third-party fixtures; post_user_track',
  ),
  purchasePropertiesBytes: assume(
    102_400,
    [51_200],
    'How many bytes purchase properties may have',
    'nested_objects; purchase_object',
  ),
}

export const defaultReadings: Readings = Object.fromEntries(
  Object.entries(readings).map(([name, question]) => [name, question.default]),
) as unknown as Readings

function assume<Value>(
  fallback: Value,
  others: readonly Value[],
  question: string,
  source: string,
): Assumption<Value> {
  return { default: fallback, others, question, source }
}
