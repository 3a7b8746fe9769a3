/** The types an attribute can be forced to in the dashboard. */
export type Scalar = string | number | boolean

/**
 * A value as an attribute forced to be true or false takes it; undefined where it is ignored.
 * Source of all three: braze-docs managing_custom_data.
 */
export function asBoolean(value: Scalar): boolean | undefined {
  const text = String(value).toLowerCase()
  if (['1', 'true', 't'].includes(text)) return true
  return ['0', 'false', 'f'].includes(text) ? false : undefined
}

/** A value as an attribute forced to be a number takes it. Text with letters in it is no number, so `1e5` is none. */
export function asNumber(value: Scalar): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value) ? Number(value) : undefined
}

/** A value as an attribute forced to be text takes it: every one has its text. */
export function asText(value: Scalar): string {
  return String(value)
}
