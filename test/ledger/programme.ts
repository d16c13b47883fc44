import { expect } from 'vitest'
import type { Group } from '../../src/core/entry/group.ts'
import type { Beginning } from './beginning.ts'
import { checkHistories, checkInvariants, checkReplay, checkSeal } from './checks.ts'
import { Driver } from './driver.ts'
import { Rehearsal, type Signers } from './rehearsal.ts'

export { keys, owner, recovery, type Signers } from './rehearsal.ts'

/** A rehearsal with a ledger beside it: a `Driver` and the naive ledger take the same batches, and find the same. */
export class Programme extends Rehearsal {
  readonly driver: Driver

  /** @param batches - how many batches of `beginning` run; by default all. */
  constructor(wanted: Beginning = {}, batches = Number.POSITIVE_INFINITY) {
    super(wanted, 0)
    this.driver = new Driver()
    this.naive.rootOfLog = () => this.driver.root(this.naive.size)
    this.begin(batches)
  }

  override seal(): void {
    super.seal()
    this.driver.seal(this.time)
  }

  override submitGrouped(
    by: Signers,
    groups: readonly Group[],
    ...entries: Uint8Array[]
  ): string[] | string | undefined {
    const outcomes = super.submitGrouped(by, groups, ...entries)
    const { signers } = this.told.at(-1)!
    const ours = this.driver.submit(signers, entries, this.time, groups)
    expect(ours, 'the naive ledger finds otherwise').toEqual(outcomes)
    return outcomes
  }

  /**
   * Checks the whole run: sums and floors hold, the seal has the naive ledger's roots, the replay of the entries makes
   * the same seal, and every member account made from its own entries alone is the ledger's.
   */
  async check(): Promise<void> {
    checkInvariants(this.driver, this.naive)
    checkSeal(this.driver, this.naive, this.time)
    checkHistories(this.driver, this.naive)
    await checkReplay(this.driver)
  }
}
