/** Ways to write a key in which it is not seen at first sight. */
export const keyForms: Record<string, (key: string) => string> = {
  'as it is': key => key,
  'in capitals': key => key.toUpperCase(),
  'as escapes of JSON': key => each(key, sign => `\\u${hex(sign).padStart(4, '0')}`),
  'as escapes of JSON here and there': key =>
    each(key, (sign, i) => (i % 3 && sign !== '\\' ? sign : `\\u00${hex(sign)}`)),
  'as escapes of JavaScript': key => each(key, sign => `\\x${hex(sign)}`),
  'in percent': key => each(key, sign => `%${hex(sign)}`),
  'in percent here and there': key =>
    each(key, (sign, i) => (i % 2 && sign !== '%' ? sign : `%${hex(sign).toUpperCase()}`)),
  'in percent twice': key => each(key, sign => `%25${hex(sign)}`),
  'in decimal entities': key => each(key, sign => `&#${sign.charCodeAt(0)};`),
  'in hexadecimal entities': key =>
    each(key, (sign, i) => (i % 2 && sign !== '&' ? sign : `&#x00${hex(sign)};`)),
  'in base64': key => Buffer.from(key).toString('base64'),
  'in base64 behind one sign': key => Buffer.from(`:${key}!`).toString('base64'),
  'in base64 behind two signs': key => Buffer.from(`u:${key}@host`).toString('base64'),
  'in base64 as a bearer': key => Buffer.from(`Bearer ${key}`).toString('base64'),
  'in base64 of addresses': key => Buffer.from(`{"authorization":"Bearer ${key}"}`).toString('base64url'),
  'in base64 of lines': key => Buffer.from(key).toString('base64').replaceAll(/.{10}/g, '$&\n'),
  'in hexadecimal digits': key => Buffer.from(key).toString('hex'),
  'in hexadecimal capitals': key => Buffer.from(key).toString('hex').toUpperCase(),
  'in groups of hexadecimal digits': key => (Buffer.from(key).toString('hex').match(/../g) ?? []).join(' '),
  'in hexadecimal digits with colons': key => (Buffer.from(key).toString('hex').match(/../g) ?? []).join(':'),
}

/** Whether a text shows the key to somebody who undoes, one after the other, all that may hide it. */
export function shows(text: string, key: string): boolean {
  let layer = text
  for (let i = 0; i < 4; i++) {
    const flat = layer.replaceAll(/[\s:]/g, '')
    const hidden = [layer, fromHex(flat), ...[0, 1, 2, 3].map(at => fromBase64(flat, at))]
    if (hidden.some(one => one.toLowerCase().includes(key.toLowerCase()))) return true
    layer = layer
      .replaceAll(/\\u00(..)|\\x(..)|%(..)|&#x0*(..);/g, (_, ...found: string[]) => {
        return String.fromCharCode(Number.parseInt(found.slice(0, 4).find(Boolean) ?? '', 16))
      })
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replaceAll(String.raw`\/`, '/')
  }
  return false
}

function fromHex(text: string): string {
  const runs = text.match(/(?:[\da-f]{2}){8,}/gi) ?? []
  return runs
    .map(run => [run, run.slice(1)].map(part => Buffer.from(part, 'hex').toString('latin1')).join('\n'))
    .join('\n')
}

function fromBase64(text: string, at: number): string {
  const runs = text.match(/[\w+/-]{8,}/g) ?? []
  return runs.map(run => Buffer.from(run.slice(at), 'base64').toString('latin1')).join('\n')
}

function each(text: string, map: (sign: string, i: number) => string): string {
  return Array.from(text, map).join('')
}

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16).padStart(2, '0')
}
