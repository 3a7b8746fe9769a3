import { isCanonicalNumber } from '../model/exact-number.ts'
import type { ColumnFigures, InferredType } from '../model/plan.ts'

/** Column types as found while planning. */
export type InferredTypes = Record<string, InferredType>

const booleans = new Set(['true', 'false', 'True', 'False', 'TRUE', 'FALSE'])

/**
 * Infers the type of a column from all of its cells. An undeclared column only has numbers or booleans if every cell
 * that is not empty is one in canonical form; a single `00123` among a million makes it text.
 */
export class ColumnInference {
  #allNumbers = true
  #allBooleans = true
  #undeclared = 0
  #filled = 0
  #empty = 0
  #declared: string | null
  #spoiledBy: { cell: string; line: number } | undefined

  /** `declared` is the declared type of the column, or null. */
  constructor(declared: string | null = null) {
    this.#declared = declared
  }

  add(cell: string, line: number): void {
    this.#filled++
    this.#undeclared++
    if (!this.#allNumbers && !this.#allBooleans) return
    const isNumber = this.#allNumbers && isCanonicalNumber(cell)
    const isBoolean = this.#allBooleans && booleans.has(cell)
    if (!isNumber && !isBoolean && this.#undeclared > 1) this.#spoiledBy = { cell, line }
    this.#allNumbers = isNumber
    this.#allBooleans = isBoolean
  }

  /** Adds a cell with a declared type; if rows have different kinds, a column may only be declared in some of them. */
  addDeclared(type: string): void {
    this.#filled++
    this.#declared ??= type
  }

  addEmpty(): void {
    this.#empty++
  }

  result(): ColumnFigures {
    const filled = this.#filled
    const empty = this.#empty
    if (this.#undeclared === 0 && this.#declared !== null) {
      return { declared: true, type: this.#declared, filled, empty }
    }
    const type =
      this.#undeclared === 0
        ? 'string'
        : this.#allNumbers
          ? 'number'
          : this.#allBooleans
            ? 'boolean'
            : 'string'
    const spoiledBy = this.#spoiledBy
    return { declared: false, type, filled, empty, ...(spoiledBy === undefined ? {} : { spoiledBy }) }
  }
}
