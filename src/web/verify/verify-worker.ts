import { fetchStatement } from './fetch-statement.ts'
import { work } from './work.ts'

// A worker’s scope is no window: what it has of one is what is used here.
work(globalThis as unknown as Parameters<typeof work>[0], fetchStatement)
