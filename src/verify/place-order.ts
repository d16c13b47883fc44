import { check } from '../core/failure.ts'
import type { LinePlace } from './line-places.ts'

/** Where the lines of all pages stand in the log, as far as that was shown: in the order of the lines. */
export class PlaceOrder {
  /** By increasing line. */
  readonly #lines: number[] = []
  readonly #indexes: number[] = []
  readonly #positions: number[] = []

  /**
   * Adds the places of a page, each of which the page has proven.
   *
   * @param linkOf - the link of each line, from the first on; none for an account of a member.
   * @throws VerifyError `evidence-proof`, `evidence-order`. SPEC §10.
   */
  add(places: ReadonlyMap<number, LinePlace>, linkOf: Uint32Array): void {
    for (const [line, { batch, position }] of places) {
      const at = this.#placeFor(line)
      if (this.#lines[at] === line) {
        const isSame = this.#indexes[at] === batch.index && this.#positions[at] === position
        check(isSame, 'evidence-proof', `entry ${line} was shown at another place by a page before`)
        continue
      }
      if (at > 0) checkBefore(this.#place(at - 1), { line, index: batch.index, position }, linkOf)
      if (at < this.#lines.length) checkBefore({ line, index: batch.index, position }, this.#place(at), linkOf)
      this.#lines.splice(at, 0, line)
      this.#indexes.splice(at, 0, batch.index)
      this.#positions.splice(at, 0, position)
    }
  }

  /** How many of them are of lines before this one. */
  #placeFor(line: number): number {
    let [low, high] = [0, this.#lines.length]
    // Nearly all are after all that were added.
    if (high === 0 || this.#lines[high - 1]! < line) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#lines[middle]! < line) low = middle + 1
      else high = middle
    }
    return low
  }

  #place(at: number): LineInLog {
    return { line: this.#lines[at]!, index: this.#indexes[at]!, position: this.#positions[at]! }
  }
}

interface LineInLog {
  readonly line: number
  readonly index: number
  readonly position: number
}

function checkBefore(one: LineInLog, next: LineInLog, linkOf: Uint32Array): void {
  const isBefore = one.index < next.index || (one.index === next.index && one.position < next.position)
  check(isBefore, 'evidence-order', `entry ${next.line} stands before entry ${one.line} in the log`)
  if (linkOf.length === 0) return
  const isOfLink = linkOf[one.line - 1] === linkOf[next.line - 1]
  check(
    isOfLink === (one.index === next.index),
    'evidence-order',
    `entry ${next.line} is of another batch than its link`,
  )
}
