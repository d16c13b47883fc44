import { type Both, inBoth } from '../shell/both.ts'
import { en } from './why-words-en.ts'

export const WHY: Both<typeof en> = inBoth(en, async () => (await import('./why-words-zh.ts')).zh)
