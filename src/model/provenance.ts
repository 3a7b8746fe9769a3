/** Where a fact of the API stands: on a page of Braze's, or only in our conclusions. */
export interface Sourced {
  basis: 'documented' | 'assumed'
  /** The page, or what we concluded it from. */
  source: string
}
