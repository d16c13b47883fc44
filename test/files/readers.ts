import { beginningOf } from '../../src/client/index.ts'
import { CodedError } from '../../src/core/failure.ts'
import { verifyConsistency } from '../../src/core/tree/merkle.ts'
import { CheckpointKeeper } from '../../src/files/accepted-checkpoint.ts'
import { WalletState } from '../../src/files/wallet-folder.ts'
import { KeptLast } from '../../src/monitor/kept-last.ts'
import { type Trouble, Watcher } from '../../src/monitor/watcher.ts'
import { type BranchingLog, POLICY } from './branching-log.ts'

/** What a reader is shown: so many entries of a history. */
export interface Shown {
  readonly branch: 'A' | 'B'
  readonly size: number
}

/** A party that looks at a log from time to time, and keeps in a folder what it accepted last. */
export interface Reader {
  /** What is wrong with what it is shown: the codes, and nothing where it accepted and kept it, or something larger. */
  look(shown: Shown): Promise<readonly string[]>
}

/** A watch, which goes on from what it has in memory. */
export class WatchReader implements Reader {
  readonly #log: BranchingLog
  readonly #kept: KeptLast
  readonly #watcher: Watcher
  #branch: 'A' | 'B' = 'A'
  /** What it found. */
  readonly found: Trouble[] = []

  private constructor(
    log: BranchingLog,
    memory: CheckpointKeeper,
    kept: Awaited<ReturnType<CheckpointKeeper['read']>>,
  ) {
    this.#log = log
    this.#watcher = new Watcher({
      policy: POLICY,
      tileAt: address => log.tilesOf(this.#branch)(address),
      maxAgeMs: 1e15,
      startedMs: 0,
      ...(kept === undefined ? {} : { kept }),
    })
    this.#kept = new KeptLast(memory, this.#watcher, kept)
  }

  static async start(log: BranchingLog, folder: string): Promise<WatchReader> {
    const memory = new CheckpointKeeper(folder, POLICY)
    return new WatchReader(log, memory, await memory.read())
  }

  async look({ branch, size }: Shown): Promise<readonly string[]> {
    this.#branch = branch
    const nowMs = Date.now()
    const looked = await this.#watcher.look(this.#log.signed(branch, size).note, nowMs)
    const troubles = [...looked, ...(await this.#kept.keep(nowMs))]
    this.found.push(...troubles)
    return troubles.map(({ code }) => code)
  }
}

/** A wallet, which reads the folder at each visit, and is shown a proof of the growth from what is there. */
export class WalletReader implements Reader {
  readonly #log: BranchingLog
  readonly #folder: string

  constructor(log: BranchingLog, folder: string) {
    this.#log = log
    this.#folder = folder
  }

  async look({ branch, size }: Shown): Promise<readonly string[]> {
    const wallet = await WalletState.open(this.#folder)
    try {
      const { note, checkpoint } = this.#log.signed(branch, size)
      const [last] = await wallet.seen(POLICY)
      if (last !== undefined) {
        const { proof } =
          last.size > size ? { proof: [] } : await beginningOf(last.size, checkpoint, this.#log.tilesOf(branch))
        verifyConsistency(last.size, last.root, size, checkpoint.root, proof)
      }
      await wallet.keepCheckpoint(POLICY, note, checkpoint)
      return []
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      return [error.code]
    } finally {
      await wallet.close()
    }
  }
}
