import { toBase64, utf8Decode } from '../../../src/core/bytes.ts'
import {
  type EvidenceFile,
  type Exhibits,
  formatEvidence,
  shownHashes,
} from '../../../src/verify/evidence/evidence-file.ts'
import { naiveConsistency, naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import type { Closed } from './books.ts'
import type { Corpus } from './corpus.ts'
import type { Shop } from './shop.ts'

/** Anyone who writes evidence against the shop’s log: of what holds a truth is made, of what does not a lie. */
export class Accuser {
  readonly shop: Shop
  /** The shop’s books, closed as they are. */
  readonly honest: Closed
  readonly #corpus: Corpus

  constructor(corpus: Corpus, shop: Shop) {
    this.#corpus = corpus
    this.shop = shop
    this.honest = shop.books.close()
  }

  /** An evidence file. */
  readonly file = (code: string, evidence: Exhibits, more: Partial<EvidenceFile> = {}): string => {
    const origin = this.shop.log.key.name
    return utf8Decode(formatEvidence({ origin, code, message: 'words', needs: 'nothing', evidence, ...more }))
  }

  readonly truth = (name: string, code: string, says: string, evidence: Exhibits, policy?: string): void =>
    this.#corpus.truth(`evidence/${name}`, says, { ...this.#told(this.file(code, evidence), policy), facts: { code } })

  /** What is accused of `code`, and convicts nobody: the answer is `expected`. */
  readonly lie = (
    name: string,
    expected: string,
    says: string,
    code: string,
    evidence: Exhibits,
    policy?: string,
  ): void => this.#corpus.lie(`evidence/${name}`, expected, says, this.#told(this.file(code, evidence), policy))

  /** What is no evidence file. */
  readonly form = (name: string, says: string, text: string, code = 'evidence'): void =>
    this.#corpus.lie(`evidence/${name}`, code, says, this.#told(text))

  readonly note = (bytes: Uint8Array): string => utf8Decode(bytes)

  /** That a log of these entries began with the first `size` of them. */
  readonly grown = (list: readonly Uint8Array[], size: number): Exhibits => ({
    root: toBase64(naiveRoot(list.slice(0, size))),
    proof: shownHashes(naiveConsistency(size, list)),
  })

  /** A checkpoint with some of its entries. */
  readonly shown = (closed: Closed, ...indexes: number[]): Exhibits => ({
    checkpoint: this.note(closed.checkpoint),
    entries: indexes.map(index => ({
      index,
      entry: toBase64(closed.entries[index]!),
      proof: shownHashes(naivePath(index, closed.entries)),
    })),
  })

  /** A checkpoint over entries, whatever they are. */
  readonly over = (list: readonly Uint8Array[]): Closed => ({
    ...this.honest,
    entries: list,
    checkpoint: this.shop.books.sign(list.length, naiveRoot(list)),
  })

  #told(
    text: string,
    policy = this.shop.policy,
  ): { verifier: string; trust: { policy: string }; shown: { text: string } } {
    return { verifier: 'evidence', trust: { policy }, shown: { text } }
  }
}
