import type { Both } from '../shell/both.ts'
import { en } from './words-en.ts'
import { zh } from './words-zh.ts'

export type Words = typeof en

export const VERIFY: Both<Words> = { en, zh }
