import { type BrokenPromise, brokenPromise } from '../../verify/evidence/broken-promise.ts'
import type { Language } from '../shell/both.ts'
import { PROMISES_ZH } from './promises-zh.ts'

/** The promise that a code breaks, in the verifier's own words or their translation; undefined where it breaks none. */
export function promiseOf(code: string, language: Language): BrokenPromise | undefined {
  const said = brokenPromise(code)
  if (said === undefined || language === 'en') return said
  return Object.hasOwn(PROMISES_ZH, code) ? PROMISES_ZH[code] : said
}
