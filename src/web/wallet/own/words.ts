import { inBoth } from '../../shell/both.ts'
import { en } from './words-en.ts'

export const OWN = inBoth(en, async () => (await import('./words-zh.ts')).zh)
