import { closest, distance } from 'fastest-levenshtein'

/** The word that was probably meant, or undefined where none is near. Case alone is never a reason to say no. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined
  const same = words.find(candidate => candidate.toLowerCase() === word.toLowerCase())
  if (same !== undefined) return same
  const candidate = closest(word, [...words])
  return distance(word, candidate) <= Math.max(1, Math.floor(word.length / 3)) ? candidate : undefined
}

/** ` Did you mean \`x\`?`, or nothing. */
export function didYouMean(word: string, words: readonly string[]): string {
  const near = nearest(word, words)
  return near === undefined ? '' : ` Did you mean \`${near}\`?`
}
