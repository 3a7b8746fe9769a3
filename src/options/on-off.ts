/** The words for on and for off. */
export const yes = ['on', 'true', 'yes', '1']
export const no = ['off', 'false', 'no', '0']

/** Undefined if a text is neither. */
export function isOn(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (yes.includes(word)) return true
  return no.includes(word) ? false : undefined
}
