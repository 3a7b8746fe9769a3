const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
let countryCodes: Map<string, string> | undefined

/**
 * The ISO 3166-1 code for a two-letter code or English name. The API maps other spellings as well as it can, and which
 * ones is not documented. Source: braze-docs user_attributes_object.
 */
export function countryCode(text: string): string | undefined {
  countryCodes ??= loadCountryCodes()
  return countryCodes.get(text.toUpperCase())
}

function loadCountryCodes(): Map<string, string> {
  const found = new Map<string, string>()
  for (const pair of letters.flatMap(a => letters.map(b => a + b))) {
    const name = /^X[^K]|^ZZ/.test(pair) ? undefined : regionNames.of(pair)
    if (name === undefined) continue
    // Deprecated codes lead to their replacement: UK to GB.
    const code = new Intl.Locale(`und-${pair}`).region ?? pair
    found.set(pair, code).set(name.toUpperCase(), code)
  }
  return found
}

/** Languages in which files name countries; a code that came of such a name is recognised by them. */
const languages = ['en', 'es', 'pt', 'fr', 'de', 'it', 'nl', 'sv', 'pl', 'tr', 'ru', 'ar', 'ja', 'ko', 'zh']
const namesIn = new Map<string, Intl.DisplayNames>()

/** Whether the text names the country in one of these languages, whatever its case and accents. */
export function namesCountry(text: string, code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code)) return false
  return languages.some(language => {
    const names =
      namesIn.get(language) ?? new Intl.DisplayNames(language, { type: 'region', fallback: 'none' })
    namesIn.set(language, names)
    const name = names.of(code)
    return name !== undefined && bare(name) === bare(text)
  })
}

function bare(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').trim().toLowerCase()
}
