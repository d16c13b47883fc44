import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Program, TALLY } from './run.ts'

/** Debian's package libfaketime, wherever it is for this machine. */
function libraryPath(): string | undefined {
  const folders = [
    '/usr/lib',
    ...(existsSync('/usr/lib') ? readdirSync('/usr/lib').map(name => `/usr/lib/${name}`) : []),
  ]
  return folders.map(folder => join(folder, 'faketime/libfaketimeMT.so.1')).find(path => existsSync(path))
}

/**
 * `tally` with a wall clock that a file sets, such as `+2y` or `-1h`, and a steady clock that is right; undefined, said
 * aloud, where libfaketime is not installed.
 */
export function withWallClock(file: string): Program | undefined {
  const library = process.env['FAKETIME_LIB'] ?? libraryPath()
  if (library === undefined) {
    console.warn('libfaketime is not on this machine: no real clock is set here (Debian: apt install faketime)')
    return undefined
  }
  return {
    file: TALLY.file,
    env: {
      ...TALLY.env,
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
  }
}
