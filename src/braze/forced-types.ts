/** The types that an attribute can be forced to in the dashboard. */
export type Scalar = string | number | boolean

/**
 * The value stored by an attribute that is forced to boolean; undefined if it is ignored.
 * Source for all three functions: braze-docs managing_custom_data.
 */
export function asBoolean(value: Scalar): boolean | undefined {
  const text = String(value).toLowerCase()
  if (['1', 'true', 't'].includes(text)) return true
  return ['0', 'false', 'f'].includes(text) ? false : undefined
}

/** The same for number. Text with letters is not a number, so `1e5` is ignored. */
export function asNumber(value: Scalar): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value) ? Number(value) : undefined
}

/** The same for string, which stores any value. */
export function asText(value: Scalar): string {
  return String(value)
}
