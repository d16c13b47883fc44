import { readFileSync } from 'node:fs'

/** The version in package.json, one level up from the sources and two from the build. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version
    } catch {
      // The other one, then.
    }
  }
  return 'unknown'
}
