/** Lets loops wait until something has changed. They look before they wait, so nothing is missed. */
export class Signal {
  #wake: (() => void)[] = []

  raise(): void {
    if (this.#wake.length === 0) return
    for (const wake of this.#wake.splice(0)) wake()
  }

  next(): Promise<void> {
    return new Promise(resolve => this.#wake.push(resolve))
  }
}
