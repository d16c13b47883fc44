import { equalBytes } from '../core/bytes.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import type { Fault } from './fault.ts'
import type { ReadRun, WrongTile } from './read/log-reader.ts'

/** What the hashes of the entries showed, until the replay comes as far. */
export class Findings {
  readonly #earlier: Checkpoint | undefined
  #wrong: WrongTile[] = []
  readonly #roots = new Map<number, Uint8Array>()
  #isCompared = false

  /** @param earlier - the checkpoint that the log has to have grown out of. */
  constructor(earlier: Checkpoint | undefined) {
    this.#earlier = earlier
  }

  add({ wrong, roots }: ReadRun): void {
    this.#wrong.push(...wrong)
    for (const { size, root } of roots) this.#roots.set(size, root)
  }

  /** The faults that the first `size` entries show, each once. */
  upTo(size: number): Fault[] {
    const faults = this.#wrong.filter(tile => tile.size <= size).map(faultOfTile)
    this.#wrong = this.#wrong.filter(tile => tile.size > size)
    const { size: earlier = Number.POSITIVE_INFINITY, root = undefined } = this.#earlier ?? {}
    const made = this.#roots.get(earlier)
    if (this.#isCompared || earlier > size || made === undefined) return faults
    this.#isCompared = true
    if (!equalBytes(made, root!))
      faults.push({
        code: 'forked',
        message: `the first ${earlier} entries are not those that were audited before: the log has two histories`,
      })
    return faults
  }
}

export function faultOfTile({ path }: WrongTile): Fault {
  return { code: 'tile', message: `${path} is not what the entries make` }
}
