import { isCanonicalNumber } from '../model/exact-number.ts'
import type { ColumnFigures, InferredType } from '../model/plan.ts'

/** Column to type, as the planning pass found it. */
export type InferredTypes = Record<string, InferredType>

const booleans = new Set(['true', 'false', 'True', 'False', 'TRUE', 'FALSE'])

/**
 * Looks at every cell of a column. One that nobody declared is a number or a boolean only if every filled cell is one
 * in canonical form; one `00123` among a million keeps all of them text.
 */
export class ColumnInference {
  #number = true
  #boolean = true
  #seen = 0
  #filled = 0
  #empty = 0
  #declared: string | null
  #spoiledBy: { cell: string; line: number } | undefined

  /** `declared` is the column's type, null where nobody gave it one. */
  constructor(declared: string | null = null) {
    this.#declared = declared
  }

  see(cell: string, line: number): void {
    this.#filled++
    this.#seen++
    if (!this.#number && !this.#boolean) return
    const number = this.#number && isCanonicalNumber(cell)
    const boolean = this.#boolean && booleans.has(cell)
    if (!number && !boolean && this.#seen > 1) this.#spoiledBy = { cell, line }
    this.#number = number
    this.#boolean = boolean
  }

  /** A cell of a declared type; where rows have kinds of their own, a column has one in some rows only. */
  seeDeclared(type: string): void {
    this.#filled++
    this.#declared ??= type
  }

  seeEmpty(): void {
    this.#empty++
  }

  result(): ColumnFigures {
    const filled = this.#filled
    const empty = this.#empty
    if (this.#seen === 0 && this.#declared !== null) {
      return { declared: true, type: this.#declared, filled, empty }
    }
    const type = this.#seen === 0 ? 'string' : this.#number ? 'number' : this.#boolean ? 'boolean' : 'string'
    const spoiledBy = this.#spoiledBy
    return { declared: false, type, filled, empty, ...(spoiledBy === undefined ? {} : { spoiledBy }) }
  }
}
