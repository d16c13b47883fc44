import { type BrokenPromise, brokenPromise } from '../../verify/evidence/broken-promise.ts'
import { type Both, inBoth, type Language } from '../shell/both.ts'

/** Those that are translated; the others stand in the verifier's own words. */
type TranslatedPromises = Readonly<Record<string, BrokenPromise>>

const TRANSLATED: Both<TranslatedPromises> = inBoth<TranslatedPromises>(
  {},
  async () => (await import('./promises-zh.ts')).PROMISES_ZH,
)

/** The promise that a code breaks, in the verifier's own words or their translation; undefined where it breaks none. */
export function promiseOf(code: string, language: Language): BrokenPromise | undefined {
  const said = brokenPromise(code)
  const translated = TRANSLATED[language]
  return said !== undefined && Object.hasOwn(translated, code) ? translated[code] : said
}
