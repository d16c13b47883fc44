import { type BrokenPromise, brokenPromise } from '../../verify/evidence/broken-promise.ts'
import type { Language } from '../shell/both.ts'

/** In Chinese, once they are there: half of the table, which those who read English do without. */
let chinese: Readonly<Record<string, BrokenPromise>> | undefined

/** Has the promises in a language at hand. Where they cannot be had, they stand in English. */
export async function readyPromises(language: Language): Promise<void> {
  if (language === 'zh') chinese ??= (await import('./promises-zh.ts')).PROMISES_ZH
}

/** The promise that a code breaks, in the verifier's own words or their translation; undefined where it breaks none. */
export function promiseOf(code: string, language: Language): BrokenPromise | undefined {
  const said = brokenPromise(code)
  if (said === undefined || language === 'en') return said
  return chinese !== undefined && Object.hasOwn(chinese, code) ? chinese[code] : said
}
