import { plot, type PlotOptions } from '@observablehq/plot'
import { DOMImplementation, type Element, XMLSerializer } from '@xmldom/xmldom'
import { html, type Html } from '../markup.ts'

/** Each chart is drawn in two widths: text that shrinks with its chart cannot be read on a phone. */
const widths = { wide: 1008, narrow: 350 } as const
export type Width = keyof typeof widths

/**
 * A chart as SVG, drawn once for a wide page and once for a phone; the style sheet shows one of them. Colours are custom
 * properties of the page, so that a chart follows its light or dark. The label says what there is to see.
 */
export function draw(label: string, chart: (width: Width) => PlotOptions): Html {
  const [wide, narrow] = (['wide', 'narrow'] as const).map(width => svg(label, width, chart(width)))
  return html`${{ text: wide ?? '' }}${{ text: narrow ?? '' }}`
}

function svg(label: string, width: Width, options: PlotOptions): string {
  const document = new DOMImplementation().createDocument('http://www.w3.org/1999/xhtml', 'html')
  const withDocument = { ...options, document: document as unknown as NonNullable<PlotOptions['document']> }
  const drawn = plot({ ...withDocument, width: widths[width], className: 'plot' }) as unknown as Element
  // The policy of the page allows no style but its own.
  for (const style of Array.from(drawn.getElementsByTagName('style'))) style.parentNode?.removeChild(style)
  // A screen reader announces the chart as one image; names of its parts would only be noise.
  for (const part of Array.from(drawn.getElementsByTagName('*'))) {
    for (const name of ['aria-label', 'aria-hidden', 'aria-description']) part.removeAttribute(name)
  }
  drawn.setAttribute('class', `plot ${width}`)
  drawn.setAttribute('font-size', '12')
  drawn.setAttribute('role', 'img')
  drawn.setAttribute('aria-label', label)
  return new XMLSerializer().serializeToString(drawn).replaceAll(/\d+\.\d{3,}/g, rounded)
}

/** Two digits are enough for the eye, and the same on every machine. */
function rounded(digits: string): string {
  return String(Math.round(Number(digits) * 100) / 100)
}
