import { type Both, inBoth } from '../shell/both.ts'
import { en } from './words-en.ts'

export const WALLET: Both<typeof en> = inBoth(en, async () => (await import('./words-zh.ts')).zh)
