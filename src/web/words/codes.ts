import { type Both, inBoth, type Language } from '../shell/both.ts'
import { type CodeHeads, en } from './codes-en.ts'

const CODES: Both<CodeHeads> = inBoth<CodeHeads>(en, async () => (await import('./codes-zh.ts')).zh)

/** What a check with that code found, in a clause; one for all codes without words of their own. */
export function headOf(code: string, language: Language): string {
  return CODES[language][hasHead(code) ? code : 'malformed']
}

/** Whether a code has words of its own. */
export function hasHead(code: string): code is keyof CodeHeads {
  return Object.hasOwn(en, code)
}
