import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about a ledger that goes on in another log. */
export const CONTINUED: readonly Mutant[] = [
  ...mistakes(
    'ledger/apply/registry-change.ts',
    [
      'rootBefore !== undefined && size === logIndex - 1 && equalBytes(root, rootBefore)',
      'rootBefore !== undefined && equalBytes(root, rootBefore)',
      'a log goes on from any size',
    ],
    [
      'rootBefore !== undefined && size === logIndex - 1 && equalBytes(root, rootBefore)',
      'rootBefore !== undefined && size === logIndex - 1',
      'a log goes on from any tree',
    ],
    [
      'transaction.origin !== origin && !equalBytes(transaction.logKey, logKey)',
      '!equalBytes(transaction.logKey, logKey)',
      'a log goes on under a name that it had',
    ],
    [
      'transaction.origin !== origin && !equalBytes(transaction.logKey, logKey)',
      'transaction.origin !== origin',
      'a log goes on under a key that it had',
    ],
    [
      'isHere && state.registry.logs.every(isNew)',
      'isHere && isNew(state.registry.logs.at(-1)!)',
      'a log goes on as the one before the last',
    ],
  ),
  ...mistakes('ledger/apply/entitled.ts', [
    'isBack ? registry.liveRootCount : need',
    'need',
    'a few root keys go back behind what was seen',
  ]),
  ...mistakes(
    'ledger/ledger.ts',
    [
      'this.#size === this.#sealedSize && count === 1 && kindOf(',
      'this.#size === this.#sealedSize && kindOf(',
      'what continues a log need not be alone',
    ],
    [
      'this.#size === this.#sealedSize && count === 1 && kindOf(',
      'count === 1 && kindOf(',
      'what continues a log stands behind no seal',
    ],
  ),
  ...mistakes('ledger/state.ts', ['      this.ledgerId = body\n', '', 'the ledger id of the log before goes on']),
  ...mistakes(
    'verify/logs.ts',
    [
      'batch.count === 1 && transaction.size === batch.index',
      'transaction.size === batch.index',
      'what continues a log is shown in company',
    ],
    [
      'batch.count === 1 && transaction.size === batch.index',
      'batch.count === 1',
      'what continues a log stands anywhere in a statement',
    ],
    ['  return from + 2\n', '  return from + 3\n', 'a log that has ended signs one entry more'],
    [
      "  check(count === logs.length, 'record-proof', 'a record that",
      "  check(true, 'record-proof', 'a record that",
      'a statement has more logs than follow one another',
    ],
    [
      'before !== undefined && isLogOf(before, checkpoint) && checkpoint.size',
      'before !== undefined && checkpoint.size',
      'any log of a ledger shows the end of the one before the last',
    ],
  ),
  ...mistakes(
    'verify/statement-checks.ts',
    [
      'if (known !== null && size < last.size && last.size <= known) return',
      'if (known !== null && size < last.size) return',
      'more was dropped than is said',
    ],
    [
      'if (known !== null && size < last.size && last.size <= known) return',
      'if (known !== null) return',
      'behind a log that goes back nothing is compared',
    ],
  ),
  ...mistakes('verify/statement-pages.ts', [
    '    if (seen === undefined) checkGrowth(logs, checkpoint, trust, growth)\n',
    '',
    'what was accepted of the log before is not compared',
  ]),
  ...mistakes(
    'verify/kept-state.ts',
    ['if (dropped.length > 0 && !this.#mayDrop)', 'if (false)', 'what was dropped is not said'],
    [
      "what is left of it'\n    check(since === 0,",
      "what is left of it'\n    check(true,",
      'what is left is not shown whole',
    ],
  ),
  ...mistakes(
    'verify/evidence/shown-logs.ts',
    [
      'checkpoint.size <= lastSizeBefore(end.from)) return undefined',
      'checkpoint.size < lastSizeBefore(end.from)) return undefined',
      'the last checkpoint of a log convicts it',
    ],
    [
      'if (count === 1 && statuses[0] === ACCEPTED) found.push',
      'if (count === 1) found.push',
      'a log ended by what was refused',
    ],
    ['    if (transaction.origin === checkpoint.origin) return undefined\n', '', 'a log that is named is another'],
    [
      'if (transaction.origin === checkpoint.origin) return',
      'if (isLogOf(transaction, checkpoint)) return',
      'a log that changed its key is another',
    ],
  ),
  ...mistakes(
    'audit/attempt.ts',
    [
      '    if (isLogOf(now.transaction, checkpoint)) return\n',
      '    if (now.transaction.origin === checkpoint.origin) return\n',
      'an audited log may be under any key',
    ],
    [
      '    if (isEnd && before !== undefined && isLogOf(before.transaction, checkpoint)) return\n',
      '',
      'the end of a log that was left is no end',
    ],
    ['if (isEnd && before !== undefined && isLogOf', 'if (before !== undefined && isLogOf', 'a log that ended goes on'],
    [
      'if (isEnd && before !== undefined && isLogOf(before.transaction, checkpoint)) return',
      'if (isEnd && before !== undefined) return',
      'any log shows the end of the one before',
    ],
    ['    if (next > 0)\n', '    if (false)\n', 'a log that had ended is another'],
    ['    if (named === undefined)\n', '    if (false)\n', 'a log that nothing names has another key'],
    ['    if (named === undefined)\n', '    if (true)\n', 'a log that changed its key is another one'],
    ['    if (!isBeginning) this.#checkLog(state)\n', '', 'a log need not be that of the ledger in it'],
    [
      'if (!isBeginning && this.#counts.lastSeal + 1 !== checkpoint.size)',
      'if (this.#counts.lastSeal + 1 !== checkpoint.size)',
      'the beginning of a log ends in a seal',
    ],
    [
      'if (!isBeginning && this.#counts.lastSeal + 1 !== checkpoint.size)',
      'if (false)',
      'an audited log may end in anything',
    ],
    ['    if (!equalBytes(end.root, checkpoint.root))\n', '    if (false)\n', 'entries of another tree are replayed'],
  ),
]
