import { existsSync, readFileSync } from 'node:fs'
import { isOn } from '../options/on-off.ts'

/**
 * The log format, read from the arguments before they are parsed: errors in the arguments must have the requested
 * format, too.
 */
export function requestedFormat(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { logFormat: string; color: boolean } {
  const color = !args.includes('--no-color') && isOn(env['TRACK_SYNC_NO_COLOR'] ?? '') !== true
  const logFormat = valueOf(args, '--log-format') ?? (env['TRACK_SYNC_LOG_FORMAT'] || undefined)
  const config = valueOf(args, '--config') ?? (env['TRACK_SYNC_CONFIG'] || undefined) ?? 'track-sync.yaml'
  return { logFormat: logFormat ?? configured(config), color }
}

function configured(path: string): string {
  try {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    return /^log-format:\s*["']?json\b/m.test(text) ? 'json' : 'text'
  } catch {
    return 'text'
  }
}

function valueOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findLastIndex(arg => arg === flag || arg.startsWith(`${flag}=`))
  const found = args[at]
  if (found === undefined) return undefined
  return found === flag ? args[at + 1] : found.slice(flag.length + 1)
}
