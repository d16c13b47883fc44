import { type Both, inBoth } from './both.ts'
import { en } from './words-en.ts'

export const SHELL: Both<typeof en> = inBoth(en, async () => (await import('./words-zh.ts')).zh)
