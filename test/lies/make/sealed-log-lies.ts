import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { decodeSeal } from '../../../src/core/entry/seal.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { begunLog, logFile } from './log-lies.ts'
import { reorder, rewriteIssue } from './rewrite.ts'
import { A, by, hash, issue, KEYS, R, type Shop } from './shop.ts'

/**
 * Whole logs of which the seals lie, or the order of entries, or the checkpoint over all. Whatever else there is is
 * made to fit.
 */
export function sealedLogLies(corpus: Corpus, shop: Shop): void {
  const { books, log, entries, spentAt } = shop
  const lie = (name: string, code: string, says: string, closed: Parameters<typeof logFile>[1]) =>
    corpus.lie(`log/${name}`, code, says, logFile(shop, closed))
  const honest = books.close()
  const last = entries.length - 1
  const at = books.entries.length
  const signedOver = (list: readonly Uint8Array[]) => ({
    entries: list,
    checkpoint: books.sign(list.length, naiveRoot(list)),
  })

  const { alice, bob, treasury, budget } = {
    alice: books.accounts[A.alice]!,
    bob: books.accounts[A.bob]!,
    treasury: books.accounts[A.treasury]!,
    budget: books.accounts[A.budget]!,
  }
  const stated = (name: string, says: string, accounts: object, seal: object = {}) =>
    lie(name, 'seal-state', says, books.close({ accounts: { ...accounts }, seal }))
  stated('balance-edited', 'A hundred points more for Alice, and for nobody less.', {
    [A.alice]: { credit: alice.credit + 100 },
  })
  stated('points-moved', 'A hundred of Bob’s points sealed as Alice’s: all sums are right.', {
    [A.alice]: { credit: alice.credit + 100 },
    [A.bob]: { credit: bob.credit - 100 },
  })
  stated(
    'entry-forgotten',
    'Alice’s last issue is in the log, and not in her account; the budget has the points again.',
    {
      [A.alice]: { credit: alice.credit - 40, entries: alice.entries - 1 },
      [A.budget]: { credit: budget.credit + 40 },
    },
  )
  stated('chain-replaced', 'Another chain of entries in Alice’s account: her statements could leave one out.', {
    [A.alice]: { head: hash('another chain') },
  })
  stated('owner-replaced', 'Another owner key in Alice’s account than her entries make.', {
    [A.alice]: { owner: KEYS.stranger.publicKey },
  })
  stated('opening-replaced', 'Another opening in Alice’s account: her card would not fit.', {
    [A.alice]: { opening: bob.opening },
  })
  stated('lots-replaced', 'Bob’s lots without his hold.', { [A.bob]: { more: alice.more } })
  stated('frozen', 'Alice frozen, and no entry says so.', { [A.alice]: { status: 1 } })
  stated('treasury-edited', 'A treasury that issued less than the budgets were given.', {
    [A.treasury]: { debit: treasury.debit - 1000 },
  })
  stated('accounts-swapped', 'Alice and Bob under each other’s number.', { [A.alice]: bob, [A.bob]: alice })
  stated('account-more', 'A seal over an account more than there are.', {}, { accounts: 12 })
  stated('account-less', 'A seal over an account less than there are.', {}, { accounts: 10 })
  stated('state-of-nothing', 'A state root of 32 zeros.', {}, { stateRoot: new Uint8Array(32) })
  stated(
    'state-of-an-earlier-epoch',
    'The state root of the seal before.',
    {},
    { stateRoot: decodeSeal(entries[shop.earlierSize - 1]!).stateRoot },
  )
  const registry = (name: string, says: string, change: (rows: Books['records']) => void) => {
    const forged = books.with(list => list)
    change(forged.records)
    lie(name, 'seal-registry', says, forged.close())
  }
  registry('key-unrevoked', 'A key that was revoked stands again in the seal.', rows => {
    rows[R.revoked]!.until = 0
  })
  registry('key-revoked', 'A key is revoked in the seal, and no entry says so.', rows => {
    rows[R.issuer]!.until = at - 1
  })
  registry('key-invented', 'A key in the seal that no entry registered.', rows => {
    rows.push({
      entry: entries[books.records[R.issuer]!.from]!,
      from: at - 1,
      until: 0,
      next: 0,
    })
  })
  registry('key-left-out', 'The last record is left out of the seal.', rows => {
    rows.pop()
  })
  registry('key-older', 'A key that is older in the seal than in the log.', rows => {
    rows[R.issuer] = { ...rows[R.issuer]!, from: 1 }
  })
  const totals = (name: string, says: string, change: object) => {
    const forged = books.with(list => list)
    forged.totals[0] = { ...forged.totals[0]!, ...change }
    lie(name, 'seal-totals', says, forged.close())
  }
  const sums = books.totals[0]!
  totals('owed-understated', 'A hundred points less are owed, says the seal, than members have.', {
    owed: sums.owed - 100n,
  })
  totals('issued-understated', 'A hundred points less were issued, says the seal, than were.', {
    issued: sums.issued - 100n,
    owed: sums.owed - 100n,
  })
  totals('redeemed-overstated', 'More was redeemed, says the seal, than was.', {
    redeemed: sums.redeemed + 100n,
    owed: sums.owed - 100n,
  })
  totals('expired-overstated', 'Points are counted as expired that nobody lost.', {
    expired: 50n,
    owed: sums.owed - 50n,
  })
  lie(
    'another-salt',
    'seal-totals',
    'Totals under another salt than the auditor is given: they could be anything.',
    books.close({ seal: { totalsRoot: hash('totals') } }),
  )

  lie(
    'epoch-left-out',
    'seal-epoch',
    'A seal is missing: an epoch is passed over.',
    books.close({ seal: { epoch: 3 } }),
  )
  lie('epoch-twice', 'seal-epoch', 'An epoch is closed twice.', books.close({ seal: { epoch: 1 } }))
  lie(
    'seal-removed',
    'seal-epoch',
    'An old seal is taken out of the log.',
    (() => {
      const list = entries.toSpliced(shop.earlierSize - 1, 1)
      return signedOver(list)
    })(),
  )
  lie(
    'seal-in-the-past',
    'seal-time',
    'A seal is dated before the batch that it closes.',
    books.close({ seal: { time: books.timeMs - 1 } }),
  )
  lie(
    'batch-in-the-past',
    'batch-time',
    'A batch is written into the past.',
    books.tell([by.issuer], [issue(A.alice, 100)], { afterMs: -2000 }).close({ afterMs: 3000 }),
  )
  lie(
    'ends-in-a-batch',
    'seal-last',
    'A checkpoint that commits to no balance: the log ends in a batch.',
    signedOver(books.entries),
  )
  lie('ends-in-half-a-batch', 'seal-last', 'The log ends inside a batch.', signedOver(entries.slice(0, spentAt + 2)))
  lie(
    'seal-inside-a-batch',
    'entry-order',
    'A seal over half a batch.',
    signedOver(entries.toSpliced(spentAt + 2, 0, entries[shop.earlierSize - 1]!)),
  )
  lie(
    'transaction-behind-a-seal',
    'entry-order',
    'A transaction that no batch announces, and nobody signed.',
    signedOver([...entries.slice(0, last), entries[last]!, entries[spentAt + 1]!]),
  )
  lie(
    'transaction-more',
    'entry-order',
    'A transaction more than its batch has.',
    signedOver(entries.toSpliced(spentAt + 3, 0, entries[spentAt + 1]!)),
  )
  lie(
    'transaction-less',
    'entry-order',
    'A transaction less than its batch says.',
    signedOver(entries.toSpliced(spentAt + 2, 1)),
  )
  lie(
    'begins-with-a-seal',
    'entry-order',
    'A log that begins with a seal: what was before is cut off.',
    signedOver(entries.slice(shop.earlierSize - 1)),
  )
  lie(
    'half-a-batch-entry',
    'entry-form',
    'A batch entry that is cut off.',
    signedOver(entries.with(spentAt, entries[spentAt]!.slice(0, 40))),
  )
  lie(
    'transaction-of-no-kind',
    'entry-form',
    'A signed transaction of a kind that there is not.',
    books.enter([by.issuer], [Uint8Array.of(2, 0x82, 24, 99, 0)], books.timeMs + 1000).close(),
  )
  lie(
    'statuses-short',
    'entry-form',
    'Statuses for one transaction of two.',
    signedOver(entries.with(spentAt, encodeBatch({ ...decodeBatch(entries[spentAt]!), statuses: Uint8Array.of(49) }))),
  )

  lie(
    'another-order',
    'log-root',
    'Two batches change places in what the auditor is served: each follows the rules, and it is not what was signed.',
    (() => {
      const swapped = reorder(shop)
      return { entries: swapped.close().entries, checkpoint: honest.checkpoint }
    })(),
  )
  lie(
    'another-log-of-that-size',
    'log-root',
    'A log in which 300 points had been 250 is served under the checkpoint of the other.',
    { entries: rewriteIssue(shop, 250).close().entries, checkpoint: honest.checkpoint },
  )
  lie('checkpoint-of-nothing', 'log-root', 'A checkpoint over 32 zeros.', {
    entries,
    checkpoint: books.sign(entries.length, new Uint8Array(32)),
  })
  lie('size-misstated', 'seal-last', 'A checkpoint of a size that ends before the last seal.', {
    entries,
    checkpoint: books.sign(entries.length - 1, naiveRoot(entries.slice(0, -1))),
  })
  lie(
    'another-origin',
    'log-identity',
    'A genesis that names another log.',
    begunLog(shop, { origin: 'elsewhere.example' }).close(),
  )
  lie(
    'another-log-key',
    'log-key',
    'A genesis that names another log key.',
    begunLog(shop, { logKey: KEYS.stranger.publicKey }).close(),
  )
  lie('checkpoint-by-a-stranger', 'log-signature', 'A checkpoint that a stranger signed.', {
    entries,
    checkpoint: new Books({ ...log, seed: KEYS.stranger.seed }, books.entries).close().checkpoint,
  })
}
