// Indexes an export, or only reads it, and looks 100,000 users up, 50 at a time; prints what that took.
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { openExport } from '../dist/run/open-export.js'
import { splitLines } from './tables.mjs'

const [, , what, file, count, folder] = process.argv
const users = Number(count)
const looks = Math.min(100_000, users)
const start = process.cpuUsage()
const source = what === 'floor' ? await floor() : await indexed()
const indexMs = cpuSince(start)
const begun = process.cpuUsage()
for (let i = 0; i < looks; i += 50) {
  const numbers = Array.from({ length: Math.min(50, looks - i) }, (_, j) => ((i + j) * 7919) % users)
  const found = await Promise.all(numbers.map(source.look))
  if (found.some((user, j) => user !== `user-${numbers[j]}`)) throw new Error('Another user was found')
}
const lookMs = cpuSince(begun)
await source.close()
const megabytes = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ indexMs, lookMs, diskBytes: source.diskBytes, megabytes }))

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function indexed() {
  const opened = await openExport([file], folder)
  const look = async number => {
    const user = JSON.stringify({ external_id: `user-${number}` })
    const { seen } = await opened.look({ user, fields: ['custom_attributes'] })
    return seen.profile.external_id
  }
  const [own] = readdirSync(folder)
  const sizes = readdirSync(join(folder, own)).map(name => statSync(join(folder, own, name)).size)
  return {
    look,
    diskBytes: sizes.reduce((sum, size) => sum + size, 0),
    close: async () => await opened.close(),
  }
}

/** Every line read and parsed; and where each user lies, so that a look is nothing but a read. */
async function floor() {
  const places = new Float64Array(users + 1)
  const lengths = new Uint32Array(users)
  let at = 0
  for await (const line of splitLines(createReadStream(file, { highWaterMark: 256 * 1024 }))) {
    const number = Number(JSON.parse(line.toString()).external_id.slice('user-'.length))
    places[number] = at
    lengths[number] = line.length
    at += line.length + 1
  }
  const handle = await open(file)
  const look = async number => {
    const { buffer } = await handle.read(Buffer.alloc(lengths[number]), 0, lengths[number], places[number])
    return JSON.parse(buffer.toString()).external_id
  }
  return { look, diskBytes: 0, close: async () => await handle.close() }
}
