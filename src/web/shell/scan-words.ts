import { inBoth } from './both.ts'
import { en } from './scan-words-en.ts'

export const SCAN = inBoth(en, async () => (await import('./scan-words-zh.ts')).zh)
