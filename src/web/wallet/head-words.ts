import { inBoth } from '../shell/both.ts'
import { en } from './head-words-en.ts'

export const HEADS = inBoth(en, async () => (await import('./head-words-zh.ts')).zh)
