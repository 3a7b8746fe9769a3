/** Where a journal is damaged, and how that shows. */
export interface Damage {
  /** The first damaged line, counted from 1, and the byte at which it begins, counted from 0. */
  line: number
  byte: number
  /** How the damage shows; never the content of the line. */
  why: string
}

/** `line 12 (byte 4096): it is no JSON object` */
export function sayDamage({ line, byte, why }: Damage): string {
  return `line ${line} (byte ${byte}): ${why}`
}
