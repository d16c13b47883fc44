import { appendFileSync, linkSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { UsageError } from '../../src/node/failure.ts'
import { lock } from '../../src/node/lock.ts'

/** What a process is told that races for a lock. */
export interface LockTask {
  readonly path: string
  /** Where it says that it has the lock, and before it gives it back that it had it. */
  readonly log: string
  /** How often it has it, or `null`: until it is killed. */
  readonly turns: number | null
  /**
   * What it leaves in the lock, in turn, instead of giving it back, and in those of so many that died while they took
   * it over.
   */
  readonly left: readonly string[]
  readonly dead: number
}

/** What it answers: every turn, and in the end what it was told when it was refused, each once. */
export type LockAnswer = { readonly turn: number } | { readonly refused: readonly string[] }

// Takes a lock again and again, and says in the log when it has it.
process.on('message', async ({ path, log, turns, left, dead }: LockTask) => {
  const refused = new Set<string>()
  for (let turn = 0; turn < (turns ?? Infinity); ) {
    let unlock: () => Promise<void>
    try {
      unlock = await lock(path)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      refused.add(`${error.code}: ${error.message}`)
      continue
    }
    appendFileSync(log, `begin ${process.pid}\n`)
    for (let i = 0; i < 10; i++) await setImmediate()
    appendFileSync(log, `end ${process.pid}\n`)
    if (left.length === 0) await unlock()
    else abandon(path, left[turn % left.length]!, dead)
    process.send!({ turn: turn++ } satisfies LockAnswer)
  }
  process.send!({ refused: [...refused] } satisfies LockAnswer)
})
process.on('disconnect', () => process.exit())

/** Leaves a lock as anyone who is killed leaves it, all at once. */
function abandon(path: string, content: string, dead: number): void {
  const own = `${path}.${process.pid}`
  for (let i = 1; i <= dead; i++) {
    writeFileSync(own, content)
    try {
      linkSync(own, path + '.over'.repeat(i))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    unlinkSync(own)
  }
  writeFileSync(own, content)
  renameSync(own, path)
}
