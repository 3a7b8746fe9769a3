/** The three kinds of track object; a request carries one object of one of them. */
export const kinds = ['attributes', 'events', 'purchases'] as const
export type Kind = (typeof kinds)[number]

export function isKind(text: unknown): text is Kind {
  return kinds.some(kind => kind === text)
}
