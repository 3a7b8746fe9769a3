import { isCanonicalNumber } from '../model/number.ts'
import type { PlanColumn } from '../model/plan.ts'

const booleans = new Set(['true', 'false', 'True', 'False', 'TRUE', 'FALSE'])

/**
 * Looks at every cell of a column. It is a number or a boolean only if every filled cell is one in canonical form;
 * one `00123` among a million keeps all of them text.
 */
export class ColumnInference {
  #number = true
  #boolean = true
  #filled = 0
  #empty = 0
  #spoiledBy: { cell: string; line: number } | undefined

  see(cell: string, line: number): void {
    this.#filled++
    if (!this.#number && !this.#boolean) return
    const number = this.#number && isCanonicalNumber(cell)
    const boolean = this.#boolean && booleans.has(cell)
    if (!number && !boolean && this.#filled > 1) this.#spoiledBy = { cell, line }
    this.#number = number
    this.#boolean = boolean
  }

  seeEmpty(): void {
    this.#empty++
  }

  result(): PlanColumn {
    const type =
      this.#filled === 0 ? 'string' : this.#number ? 'number' : this.#boolean ? 'boolean' : 'string'
    const spoiledBy = this.#spoiledBy
    return {
      type,
      filled: this.#filled,
      empty: this.#empty,
      ...(spoiledBy === undefined ? {} : { spoiledBy }),
    }
  }
}
