/** The characters of the bytes 80 to 9F; a space marks the five that have none. Everywhere else it is Latin-1. */
export const upper1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

/** Windows-1252 that was read as Latin-1, as what it is. */
export function from1252(latin1: string): string {
  return latin1.replaceAll(
    /[\x80-\x9f]/g,
    character => upper1252[character.charCodeAt(0) - 0x80] ?? character,
  )
}
