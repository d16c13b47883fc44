import { type Both, inBoth } from '../shell/both.ts'
import { en } from './words-en.ts'

export const TRANSPARENCY: Both<typeof en> = inBoth(en, async () => (await import('./words-zh.ts')).zh)
