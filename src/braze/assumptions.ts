/**
 * Where Braze's pages disagree, or say nothing: the reading we take, and the others that can be asked for by the name
 * of the row. The sandbox behaves by them, planning and reconciliation reckon with them. Source: contract §11.
 */
export interface Readings {
  /** Elements a list may have; older pages say 25, raisable to 100. */
  arrayMax: number
  /** What a list that is too long loses; which end is not documented. */
  arrayOverflow: 'keep_last' | 'keep_first' | 'reject'
  /** What text over 255 characters does: the old value stays, or the text is cut. */
  longString: 'keep_old' | 'truncate'
  /** How characters are counted. */
  lengthUnit: 'code_points' | 'utf16'
  /** Several kinds in one body. */
  mixedBody: 'refuse' | 'allow'
  /** Whether an alias without a profile can create one by an event or purchase that says `_update_existing_only: false`. */
  aliasOccurrence: 'false_creates' | 'never_creates'
  /** Whether a null or a wrong time inside one object drops all nested values of the request, or that attribute. */
  nestedInvalid: 'all_nested' | 'attribute_only'
  /** What a value that cannot take its attribute's forced type does: it is coerced where possible, or not taken. */
  forcedType: 'coerce' | 'reject'
  /** Times of attributes in the future: an old page says they become now. */
  futureAttributes: 'untouched' | 'clamp'
  /** Errors as sentences, as seen on the wire, or as the codes that are listed. */
  errorText: 'sentence' | 'code'
  /** Bytes of a purchase's properties that are refused; one page says 50 KB, one 100 KB. */
  purchasePropertiesBytes: number
}

interface Question<Value> {
  default: Value
  /** The other values found. */
  others: readonly Value[]
  question: string
  source: string
}

export const readings: { [Name in keyof Readings]: Question<Readings[Name]> } = {
  arrayMax: ask(
    500,
    [25, 100],
    'How many elements a list may have',
    'user_attributes_object: newest, and older',
  ),
  arrayOverflow: ask(
    'keep_last',
    ['keep_first', 'reject'],
    'What happens to a list that is too long',
    'inferred',
  ),
  longString: ask(
    'keep_old',
    ['truncate'],
    'What happens to text over 255 characters',
    'post_user_track_synchronous leaves it open',
  ),
  lengthUnit: ask('code_points', ['utf16'], 'How characters are counted', 'inferred'),
  mixedBody: ask(
    'refuse',
    ['allow'],
    'Whether one body may have several kinds',
    'post_user_track_synchronous; ambiguous',
  ),
  aliasOccurrence: ask(
    'false_creates',
    ['never_creates'],
    'Whether an event of an unknown alias creates a user',
    'event_object, purchase_object',
  ),
  nestedInvalid: ask(
    'all_nested',
    ['attribute_only'],
    'What an invalid value inside an object drops',
    'array_of_objects',
  ),
  forcedType: ask(
    'coerce',
    ['reject'],
    'What happens to a value that is not of the forced type',
    'managing_custom_data, change_custom_data_type',
  ),
  futureAttributes: ask(
    'untouched',
    ['clamp'],
    'What happens to attribute times in the future',
    'user_attributes_object: newest, and older',
  ),
  errorText: ask(
    'sentence',
    ['code'],
    'What the items of `errors` are',
    'third-party fixtures; post_user_track',
  ),
  purchasePropertiesBytes: ask(
    102_400,
    [51_200],
    'How many bytes purchase properties may have',
    'nested_objects; purchase_object',
  ),
}

export const defaultReadings: Readings = Object.fromEntries(
  Object.entries(readings).map(([name, question]) => [name, question.default]),
) as unknown as Readings

function ask<Value>(
  fallback: Value,
  others: readonly Value[],
  question: string,
  source: string,
): Question<Value> {
  return { default: fallback, others, question, source }
}
