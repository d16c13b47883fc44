import type { Both } from '../shell/both.ts'
import { en } from './words-en.ts'
import { zh } from './words-zh.ts'

export const CONSOLE: Both<typeof en> = { en, zh }
