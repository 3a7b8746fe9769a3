import { closest, distance } from 'fastest-levenshtein'

/** The word that was probably meant, in any case; undefined if none is close. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined
  const same = words.find(candidate => candidate.toLowerCase() === word.toLowerCase())
  if (same !== undefined) return same
  const candidate = closest(word, [...words])
  return distance(word, candidate) <= Math.max(1, Math.floor(word.length / 3)) ? candidate : undefined
}

/** ` Did you mean \`x\`?`, or an empty string. */
export function didYouMean(word: string, words: readonly string[]): string {
  const near = nearest(word, words)
  return near === undefined ? '' : ` Did you mean \`${near}\`?`
}
