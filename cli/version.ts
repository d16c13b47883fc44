import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

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

/** Where the pages are that the build makes: beside the sources, and beside the built commands. There may be none. */
export function pagesFolder(): string {
  const [fromSource, fromBuild] = ['../dist/web', '../web'].map(path => fileURLToPath(new URL(path, import.meta.url)))
  return existsSync(fromSource!) ? fromSource! : fromBuild!
}

/** The program itself, for another process of it. */
export function programFile(): string {
  const paths = ['./tally.js', '../../cli/tally.js'].map(path => fileURLToPath(new URL(path, import.meta.url)))
  return paths.find(path => existsSync(path)) ?? process.argv[1]!
}
