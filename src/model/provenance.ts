/** Where a fact about the API comes from: Braze's documentation, or our own conclusions. */
export interface Sourced {
  basis: 'documented' | 'assumed'
  /** The page, or what we concluded it from. */
  source: string
}
