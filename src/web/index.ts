/**
 * SCREEN. The pages that a ledger serves, for people: `transparency` at `/`, `verify`, `rules`, `wallet`, and what they
 * share in `shell` and `words`. A page fetches bytes from the server that it came from, believes none of them, and
 * shows what `verify` and `programmes` make of them here. `build/pages.ts` bundles each `main.tsx`; no server imports
 * any of it. All text stands twice, in English and Chinese.
 *
 * @example
 * const checked = await look(askHere, () => undefined)
 * const sentence = headOf('log-signature', 'en')
 */
export { type FoundRules, readRules } from './rules/read-rules.ts'
export { type Ask, askHere } from './shell/ask.ts'
export { type CheckedLedger, look } from './transparency/look.ts'
export { checkFile } from './verify/check-file.ts'
export { type Verifier, verifierBehind } from './verify/verifier.ts'
export { fetchMine } from './wallet/mine.ts'
export { headOf } from './words/codes.ts'
export { outcomeWords } from './words/outcomes.ts'
