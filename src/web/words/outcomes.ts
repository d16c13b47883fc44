import { meaning } from '../../client/outcome-words.ts'
import type { BatchRefusal } from '../../core/entry/outcome.ts'
import { type Both, inBoth, type Language } from '../shell/both.ts'
import type { OutcomeWords } from './outcomes-zh.ts'

const en: OutcomeWords = {
  outcomes: undefined,
  refusals: {
    'batch-genesis': 'a genesis stands alone, in the first batch and in no other',
    'signer-unknown': 'a signature names a record that is no key, or an account that has no such key',
    'signer-revoked': 'a signature names a key that was revoked',
    'signature-invalid': 'a signature does not verify under the key that it names',
    rate: 'a signer has had as many transactions in a minute as are taken from it',
  },
}

const WORDS: Both<OutcomeWords> = inBoth(en, async () => (await import('./outcomes-zh.ts')).zh)

/** What an outcome says, in a clause without a word of command lines. */
export function outcomeWords(outcome: string, language: Language): string {
  const { outcomes } = WORDS[language]
  if (outcomes !== undefined && Object.hasOwn(outcomes, outcome)) return outcomes[outcome as keyof typeof outcomes]
  return meaning(outcome).replace(/:? ?(?:or |and )?see tally .*$/, '')
}

/** Why a batch was refused whole (SPEC §7). */
export function refusalWords(code: BatchRefusal, language: Language): string {
  return WORDS[language].refusals[code]
}
