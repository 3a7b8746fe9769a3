/** Where a journal stops being what was written to it, and how that shows. */
export interface Damage {
  /** The first line that is not what it was, counted from 1, and the byte at which it begins, counted from 0. */
  line: number
  byte: number
  /** How it shows; never what the line holds. */
  why: string
}

/** `line 12 (byte 4096): it is no JSON object` */
export function sayDamage({ line, byte, why }: Damage): string {
  return `line ${line} (byte ${byte}): ${why}`
}
