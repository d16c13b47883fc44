import { type Both, inBoth } from '../shell/both.ts'
import { en } from './words-en.ts'

export type Words = typeof en

export const VERIFY: Both<Words> = inBoth(en, async () => (await import('./words-zh.ts')).zh)
