/** A bug as a change of the text of one file or more. */
export interface Planted {
  /** What it gets wrong. */
  readonly wrong: string
  /** Files below `src`; what stands there once, and what stands there instead. */
  readonly changes: readonly (readonly [file: string, before: string, after: string])[]
}

const one = (wrong: string, file: string, before: string, after: string): Planted => ({
  wrong,
  changes: [[file, before, after]],
})

const COMMIT = 'log/commit/group-commit.ts'

/** Bugs that only crashes, restarts, lies and lost messages show, and that a simulation has to find. */
export const PLANTED: readonly Planted[] = [
  one(
    'entries are acknowledged before they are synced',
    'store/store.ts',
    'this.#log.batch(operations, { sync: true })',
    'this.#log.batch(operations, { sync: false })',
  ),
  {
    wrong: 'batches are answered while their entries are being written',
    changes: [
      [
        COMMIT,
        'if (pieces.length > 0) await store.append(pieces, next)',
        'const written = pieces.length > 0 ? store.append(pieces, next) : undefined',
      ],
      [COMMIT, 'for (const seal of seals)', 'await written\n      for (const seal of seals)'],
    ],
  },
  one(
    'ids after the last run are forgotten at a start',
    'lookup/ids/ids.ts',
    'await idsOf(kept, options.entries, first, size)',
    'await idsOf(kept, options.entries, size, size)',
  ),
  one(
    'a start signs though witnesses have seen more',
    'log/recover/start-check.ts',
    'if (most !== undefined && most.missing > 0) return this.#behind(most)',
    '',
  ),
  one(
    'ledger time goes back with the clock',
    'log/commit/applier.ts',
    'return Math.max(timeMs, this.#parts.ledger.state.time)',
    'return timeMs',
  ),
  one(
    'how far the order was followed is not written, so that a start applies commands twice',
    COMMIT,
    'store.append(pieces, next)',
    'store.append(pieces)',
  ),
  one(
    'the head of a snapshot is written before its rows',
    'log/recover/snapshots.ts',
    '    await this.#writeAll(changes, atOnce)\n',
    '    await store.writeRows({ puts: [head] }, { sync: true })\n    await this.#writeAll(changes, atOnce)\n',
  ),
  one(
    'a snapshot keeps what an account held before',
    'ledger/snapshot/changed-accounts.ts',
    'if (more === undefined && !isCold) return',
    'if (!isCold) return',
  ),
  one(
    'a follower tries again with a tree that has what did not fit',
    'log/follow/following-log.ts',
    'it again from what is stored, which has none of this.\n      throw new FatalError(',
    'it again from what is stored, which has none of this.\n      throw new VerifyError(',
  ),
  one(
    'a follower does not hold entries against the checkpoint',
    'log/follow/following-log.ts',
    'if (!equalBytes(new Head(tree).root, root)) {',
    'if (root.length === 0) {',
  ),
  one(
    'a witness that once said too large a size is asked about that for ever',
    'log/publish/witnesses.ts',
    'const said = sizeFrom(first)',
    'const said = (asked.size = sizeFrom(first))',
  ),
  one(
    'publishing waits for witnesses without end',
    'log/publish/witnesses.ts',
    'const signal = AbortSignal.any([AbortSignal.timeout(this.#parts.timeoutMs), this.#closing.signal])\n    const found',
    'const signal = this.#closing.signal\n    const found',
  ),
  one(
    'what a witness answers is not verified',
    'log/publish/witnesses.ts',
    'verifyNote(answered, [key])[0]?.timestamp',
    'verifyNote(answered, [])[0]?.timestamp ?? 1_800_000_000',
  ),
  one(
    'a command that was lost on its way into the order is waited for without end',
    'log/intake/sequencer.ts',
    'command.fail(error)\n          this.onUnplaced()',
    'command.fail(error)',
  ),
  one(
    'a hold that is released stays, and is released again',
    'account/member.ts',
    'return { ...member, holdings: endHold(holdings, balance, hold, 0).holdings }',
    'return member',
  ),
  one(
    'an id that another batch used is not looked up',
    'log/commit/applier.ts',
    'if (hits.length > 0) return this.#look',
    'if (hits.length > 1e6) return this.#look',
  ),
]
