import { equalBytes, toHex } from '../../core/bytes.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { type Journal, JournalError, type SealWord } from '../../journal/index.ts'
import type { EntryStore } from '../../store/index.ts'
import { FatalError } from '../failure.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'

/** A process whose seal it was not leaves the word to the one whose it was, for so long. */
const COURTESY_MS = 500
/** A word that has not come back after this long is asked for again later. */
const PATIENCE_MS = 15_000

export interface AgreementParts {
  readonly journal: Journal
  readonly tree: LogTree
  readonly store: Pick<EntryStore, 'readEntry'>
  /** Is told that another process came to another seal than this one and those before it. */
  readonly onNotice: (what: string) => void
}

/** A seal that was made here. */
interface OwnSeal extends Omit<SealWord, 'kind'> {
  /** Whether the command was this process's. */
  readonly isOurs: boolean
}

/**
 * Keeps processes that apply the same commands from signing two histories. Each seal has a word in the order, with the
 * root that somebody came to; nobody signs before he has read one that is his own. The first word counts: who came to
 * another root stops, and has signed nothing of it.
 *
 * A log whose journal is its own agrees with itself.
 */
export class Agreement {
  readonly #parts: AgreementParts
  #last: OwnSeal | undefined
  #agreedSize = 0
  #waiting: { readonly size: number; readonly resolve: () => void; readonly reject: (why: Error) => void }[] = []
  #stopped: Error | undefined

  constructor(parts: AgreementParts) {
    this.#parts = parts
  }

  /** Nothing is agreed on any more: the log has stopped. */
  stop(why: Error): void {
    this.#stopped ??= why
    for (const { reject } of this.#waiting.splice(0)) reject(why)
  }

  /** A seal was made here. */
  sealed(seal: OwnSeal): void {
    this.#last = seal
  }

  /**
   * A word was read, after all that it speaks of.
   *
   * @throws FatalError `ledger-mismatch` where it is the first on a seal, and another root.
   */
  async heard({ epoch, size, root }: SealWord): Promise<void> {
    const { tree, onNotice } = this.#parts
    const own = size <= tree.size ? (await Head.at(tree, size)).root : undefined
    if (own !== undefined && equalBytes(own, root)) {
      this.#agreedSize = Math.max(this.#agreedSize, size)
      for (const { size, resolve } of this.#waiting) if (size <= this.#agreedSize) resolve()
      this.#waiting = this.#waiting.filter(({ size }) => size > this.#agreedSize)
      return
    }
    const what =
      `Seal ${epoch}, of ${size} entries, has the root ${toHex(root)} in another process that applies the same ` +
      `commands, and ${own === undefined ? 'is not there' : toHex(own)} in this one.`
    if (size > this.#agreedSize)
      throw new FatalError(
        'ledger-mismatch',
        `${what} Nothing of it was signed here. Check the data directory of each with tally check; the one that ` +
          'fails goes on from a backup.',
      )
    onNotice(`${what} It was agreed on before: the other one has stopped.`)
  }

  /**
   * Resolves when somebody's word on a seal has come that is this process's own: at once where the journal is its own.
   *
   * @param size - of the log after a durable seal, or after one before it.
   * @throws JournalError `journal-write` where the order cannot be reached; FatalError where the log has stopped.
   */
  async agreed(size: number): Promise<void> {
    const { journal, tree, store } = this.#parts
    if (!journal.isShared || size <= this.#agreedSize) return
    const last = this.#last?.size === size ? this.#last : undefined
    if (!last?.isOurs && (await this.#heardWithin(size, COURTESY_MS))) return
    const { root } = await Head.at(tree, size)
    // Of a seal that an earlier process made it is not known where its command stands.
    const epoch = last?.epoch ?? decodeSeal(await store.readEntry(size - 1)).epoch
    await journal.append({ kind: 'word', epoch, size, root, position: last?.position ?? 0 })
    if (await this.#heardWithin(size, PATIENCE_MS)) return
    throw new JournalError('journal-write', `No word on the seal of ${size} entries can be read back.`)
  }

  async #heardWithin(size: number, ms: number): Promise<boolean> {
    if (size <= this.#agreedSize) return true
    if (this.#stopped !== undefined) throw this.#stopped
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>(resolve => {
      timer = setTimeout(() => resolve(false), ms)
    })
    const heard = new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({ size, resolve: () => resolve(true), reject })
    })
    return Promise.race([heard, late]).finally(() => clearTimeout(timer))
  }
}
