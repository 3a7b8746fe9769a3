// Plans or imports a file once and prints the peak memory of the process, in kilobytes.
import { importFiles, plan } from '../dist/index.js'

const [, , what, file, url, runsDir, rows] = process.argv
if (what === 'plan') {
  const { objects } = await plan({ files: [file] })
  if (objects !== Number(rows)) throw new Error(`${objects} rows were planned`)
} else {
  const { summary } = await importFiles({ files: [file], url, key: 'k', rate: 'off', runsDir })
  if (summary.objects.verified !== Number(rows))
    throw new Error(`${summary.objects.verified} rows were verified`)
}
process.stdout.write(String(process.resourceUsage().maxRSS))
