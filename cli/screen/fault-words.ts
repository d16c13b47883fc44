import { brokenPromise } from '../../src/verify/evidence/broken-promise.ts'

/** Which promise a fault of that code breaks, and what that means: a paragraph after a blank line, or nothing. */
export function inWords(code: string): string {
  const word = brokenPromise(code)
  return word === undefined ? '' : `\nThe promise that was broken: ${word.promise}\n${word.means}\n`
}
