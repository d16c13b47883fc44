import { bookKindOf } from '../account/book.ts'
import { sharesOf } from '../account/holdings.ts'
import { isOver } from '../account/statuses.ts'
import { equalBytes, toHex } from '../core/bytes.ts'
import type { Seal } from '../core/entry/seal.ts'
import { ACCOUNT_KINDS, type DefineUnit, decodeTransaction, type OpenAccount } from '../core/entry/transaction.ts'
import { check, VerifyError } from '../core/failure.ts'
import { openCheckpoint, type TrustedCheckpoint } from '../core/note/policy.ts'
import { leafHash, verifyConsistency } from '../core/tree/merkle.ts'
import { authorise } from './authorised-lines.ts'
import type { LineSigner } from './authority.ts'
import type { ShownBatch } from './batch-proof.ts'
import { bookOf } from './book.ts'
import { type Card, checkCard } from './card.ts'
import { ShownChains } from './chains.ts'
import { KeptBeside } from './kept-state.ts'
import { checkPlaces } from './line-places.ts'
import { checkLinks, linksOfLines, wholePlaces } from './links.ts'
import { checkLogs, type NamedLog } from './logs.ts'
import { PlaceOrder } from './place-order.ts'
import { checkKeptRecords, type KeptRecord, keptRecords, type Records, verifyRecords } from './proven-records.ts'
import { verifySerials } from './serials.ts'
import { decodeStatement, type Statement } from './statement.ts'
import {
  checkClock,
  checkFreshness,
  checkGrowth,
  checkMade,
  checkNotBack,
  checkSealed,
  sealOf,
  verifyBatches,
  verifyBeginning,
} from './statement-checks.ts'
import { LineTaker, type TakenLine } from './taken-lines.ts'
import type {
  SeenCheckpoint,
  StatementTrust,
  VerifiedLine,
  VerifiedPage,
  VerifiedStatement,
} from './verified-statement.ts'
import { type Standing, whoMayOf } from './who-may.ts'

/** What is known of an account after some of its lines, and goes on to the next page. */
interface SoFar {
  readonly account: number
  readonly opening: Uint8Array
  readonly ledgerId: Uint8Array
  readonly first: OpenAccount
  /** How many lines stood before the first page. */
  readonly since: number
  readonly kept: KeptBeside
  readonly taker: LineTaker
  readonly entries: Uint8Array[]
  readonly links: number[]
  readonly lines: VerifiedLine[]
  /** Lines without a place, by number: a page to come may show it. */
  readonly bare: Map<number, TakenLine>
  readonly order: PlaceOrder
  /** Ledger time of the batches shown, by their indexes. */
  readonly times: Map<number, number>
  /** What pages said how many lines there were, and when. */
  readonly said: { readonly entries: number; readonly size: number }[]
  records: readonly KeptRecord[]
}

/**
 * Verifies a statement that comes in pages (SPEC §10), each as far as it goes, and all of it with the last: what the
 * lines of one make of the account is where the next goes on from. A whole statement is one page.
 */
export class StatementPages {
  readonly #isWhole: boolean
  #trust: StatementTrust
  #soFar: SoFar | undefined
  #isOver = false
  #statement: VerifiedStatement | undefined
  #reached = 'there is no page of it'

  /**
   * @param trust - whom the verifier trusts and what it knows.
   * @param options - `isWhole`: that a page which others follow is refused.
   */
  constructor(trust: StatementTrust, { isWhole = false }: { readonly isWhole?: boolean } = {}) {
    this.#trust = trust
    this.#isWhole = isWhole
  }

  /** What all pages prove together. @throws VerifyError `pages-missing` where the last one was not there. */
  get statement(): VerifiedStatement {
    if (this.#statement === undefined)
      throw new VerifyError('pages-missing', `this is no whole statement: ${this.#reached}`)
    return this.#statement
  }

  /**
   * Verifies the next page. After one that does not hold there is none.
   *
   * @param bytes - untrusted: its statement.
   * @param growth - untrusted: the consistency proof from the checkpoint of the page before, or, with the first page,
   * from the one that was accepted last.
   * @throws FormatError where a part is malformed; VerifyError with the code of the first check that fails.
   */
  take(bytes: Uint8Array, growth: readonly Uint8Array[] = []): VerifiedPage {
    check(!this.#isOver, 'kept-state', 'nothing follows the last page of a statement, or one that does not hold')
    this.#isOver = true
    const page = this.#verify(decodeStatement(bytes), growth)
    this.#statement = page.statement
    this.#isOver = page.statement !== undefined
    const { lineCount, entries } = page
    this.#reached = `its pages hold as far as they go, to entry ${lineCount} of ${entries}`
    return page
  }

  #verify(statement: Statement, growth: readonly Uint8Array[]): VerifiedPage {
    const trust = this.#trust
    const { account, since } = statement
    const { card } = trust
    const end = since + statement.lines.length
    const isLast = this.#isWhole || end >= account.entries
    const checkpoint = openCheckpoint(statement.checkpoint, trust.policy)
    const seen = trust.seen?.find(({ origin }) => origin === checkpoint.origin)
    if (seen !== undefined) verifyConsistency(seen.size, seen.root, checkpoint.size, checkpoint.root, growth)
    checkNotBack(checkpoint, trust)
    const beginning = verifyBeginning(statement, checkpoint, trust.policy)
    const { logs } = beginning
    const seal = sealOf(statement, checkpoint)
    if (isLast) checkFreshness(seal, trust)
    checkClock(seal, checkpoint, trust)
    if (card !== undefined) checkCard(card, logs, account)
    checkSealed(statement, seal)
    const hasStatement = account.kind === ACCOUNT_KINDS.member || bookKindOf(account.kind) !== undefined
    check(hasStatement, 'line-kind', 'statements are of accounts of members, merchants and budgets')
    const kept = this.#soFar?.kept ?? new KeptBeside(trust.kept, logs, since, trust.mayDrop === true)
    kept.compare(statement, logs, checkpoint.size, isLast)
    if (this.#soFar !== undefined) checkContinues(statement, this.#soFar, logs)
    checkCount(statement, isLast)
    const first = this.#soFar?.first ?? openingOf(statement, kept.lines.entries[0] ?? statement.lines[0])
    const isHers = card === undefined || equalBytes(card.nonce, first.nonce)
    check(isHers, 'wrong-opening', 'the account was opened with another nonce than your card names')
    const batches = verifyBatches(statement, checkpoint, seal)
    const records = verifyRecords(statement, batches, seal, beginning)
    checkLogs(logs, records, checkpoint)
    if (seen === undefined) checkGrowth(logs, checkpoint, trust, growth)
    const known = [...kept.recordsBeside(statement), ...(this.#soFar?.records ?? [])]
    const unit = unitOf(records, first, known)
    const before = this.#soFar ?? this.#begin(statement, { first, kept, unit, logs })
    const taken = this.#takeLines(statement, before, batches)
    if (isLast) {
      checkTimes(before.times, batches)
      checkMade(before.taker, statement, seal)
    } else before.taker.expect(account.entries, account.head)
    before.taker.checkExpected(isLast)
    const shown = taken.filter(({ number }) => number > since)
    const serials = verifySerials(
      statement,
      shown.map(({ line }) => line.transaction),
      seal,
    )
    const chains = new ShownChains(records, unit.takeoverMs, logs)
    const scene = { account: account.number, unit, records, chains, beginning }
    const signers = authorise(taken, isLast ? before.taker.standing : undefined, scene)
    if (isLast && card !== undefined) checkOwners(card, before.taker.standing)
    noteLines(before, taken, signers, serials)
    before.records = keptRecords(records, known, checkpoint.size)
    this.#soFar = before
    const page = { checkpoint, seal, account: account.number, lineCount: end, entries: account.entries }
    if (isLast) return { ...page, statement: this.#all(statement, before, { checkpoint, seal, unit, logs, chains }) }
    for (const [index, timeMs] of timesOf(batches)) before.times.set(index, timeMs)
    before.said.push({ entries: account.entries, size: checkpoint.size })
    this.#trust = { ...trust, mayDrop: false, seen: seenNow(trust.seen, checkpoint, logs) }
    return { ...page, statement: undefined }
  }

  #begin(
    { account, since }: Statement,
    parts: { first: OpenAccount; kept: KeptBeside; unit: DefineUnit; logs: readonly NamedLog[] },
  ): SoFar {
    const { first, kept, unit, logs } = parts
    return {
      account: account.number,
      opening: account.opening.slice(),
      ledgerId: logs[0]!.ledgerId,
      ...{ first, since, kept, taker: new LineTaker(account, unit), order: new PlaceOrder() },
      ...{ entries: [], links: [], lines: [], bare: new Map(), times: new Map(), said: [], records: [] },
    }
  }

  /** The lines of a page, and before them those of pages before that have their place only here. */
  #takeLines(statement: Statement, soFar: SoFar, batches: readonly ShownBatch[]): TakenLine[] {
    const { since } = statement
    const { taker, kept, entries, links, bare } = soFar
    const isFirst = taker.times.length === 0
    // Of their own bytes: nothing of a page stays when it was verified.
    const shown = statement.lines.map(entry => entry.slice())
    const counts = statement.links.map(({ count }) => count)
    if (isFirst) {
      entries.push(...kept.lines.entries)
      links.push(...kept.lines.links)
    }
    const linkOf = linksOfLines([...links, ...counts])
    const places = checkPlaces(statement.places, batches, {
      entryOf: line => (line <= since ? entries[line - 1]! : shown[line - since - 1]!),
      count: since + shown.length,
      absentAt: line => absentAt(soFar, line),
      whole: wholePlaces(statement.links, shown, since, batches),
      linkOf,
    })
    if (!this.#isWhole) soFar.order.add(places, linkOf)
    const late: TakenLine[] = []
    if (isFirst) taker.take({ ...kept.lines, places })
    else
      for (const [number, place] of places) {
        if (number > since) break
        const timeMs = taker.times[number - 1] ?? null
        const words = `entry ${number} was shown at another time by a page before`
        check(timeMs === null || timeMs === place.batch.timeMs, 'evidence-proof', words)
        if (timeMs === null) taker.date(number, entries[number - 1]!, place.batch.timeMs)
        const line = bare.get(number)
        if (line === undefined) continue
        const begun = line.lastBatch === place.batch.index ? line.begun : line.before
        late.push({ ...line, begun, place })
        bare.delete(number)
      }
    const lines = taker.take({ entries: shown, links: counts, places })
    for (const entry of shown) entries.push(entry)
    for (const count of counts) links.push(count)
    return [...late, ...lines]
  }

  #all(
    { account }: Statement,
    soFar: SoFar,
    parts: {
      checkpoint: TrustedCheckpoint
      seal: Seal
      unit: DefineUnit
      logs: readonly NamedLog[]
      chains: ShownChains
    },
  ): VerifiedStatement {
    const { checkpoint, seal, unit, logs, chains } = parts
    const { taker, since, entries, links, records } = soFar
    const { ledgerId } = logs.at(-1)!
    const { member } = taker.history
    const { number, opening } = account
    return {
      ...{ checkpoint, ledgerId, logs, seal, account, unit: unit.name, balance: member.balance, member, since },
      whoMay: whoMayOf(taker.standing, chains),
      statuses: member.holdings.statuses.filter(one => !isOver(one, seal.time)),
      shares: sharesOf(member.holdings, member.balance, seal.time),
      book: bookOf(taker.history),
      lines: withErased(soFar.lines),
      dropped: soFar.kept.dropped.map(decodeTransaction),
      kept: {
        ...{ ledgerId, account: number, opening, size: checkpoint.size, entries, times: taker.times, links, records },
      },
    }
  }
}

/** Size of the last checkpoint under which it was said, before the page at hand, that there is no such line yet. */
function absentAt({ said, kept }: SoFar, line: number): number {
  const last = said.findLast(({ entries }) => entries < line)
  return Math.max(last?.size ?? 0, kept.absentAt(line))
}

/** Checks that a page goes on where the ones before ended. @throws VerifyError `kept-state`. */
function checkContinues({ since, account }: Statement, before: SoFar, logs: readonly NamedLog[]): void {
  const count = before.entries.length
  const words = `the page goes on after entry ${since}, and the ones before ended with entry ${count}`
  check(since === count, 'kept-state', words)
  const isSame =
    before.account === account.number &&
    equalBytes(before.opening, account.opening) &&
    equalBytes(before.ledgerId, logs[0]!.ledgerId)
  check(isSame, 'kept-state', 'the page is of another account than the ones before')
}

/** Checks that the lines are as many as there have to be: all that the account has, or some with others to follow. */
function checkCount(statement: Statement, isLast: boolean): void {
  const { account, lines, since } = statement
  const count = since + lines.length
  const words = `the account has ${account.entries} entries, the statement shows ${count}`
  check(isLast ? count === account.entries : lines.length > 0, 'line-count', words)
  checkLinks(statement)
}

/** The opening, in the first of all lines. */
function openingOf({ account }: Statement, first: Uint8Array | undefined): OpenAccount {
  const opening = first === undefined ? undefined : decodeTransaction(first.slice())
  check(
    opening?.kind === 'open-account' &&
      ACCOUNT_KINDS[opening.accountKind] === account.kind &&
      opening.unit === account.unit &&
      equalBytes(leafHash(first!), account.opening),
    'line-kind',
    'the first entry is not the opening of this account',
  )
  return opening
}

function unitOf(records: Records, { unit, terms }: OpenAccount, known: readonly KeptRecord[]): DefineUnit {
  const record = records.get(unit)
  const isNamed = record === undefined || equalBytes(record.leaf, terms)
  check(isNamed, 'record-changed', `record ${unit} is another unit than the opening names`)
  checkKeptRecords(records, known)
  const words = `the statement does not show record ${unit}, the account's unit`
  check(record?.transaction.kind === 'define-unit', 'record-missing', words)
  return record.transaction
}

function timesOf(batches: readonly ShownBatch[]): [index: number, timeMs: number][] {
  return batches.map(({ index, timeMs }) => [index, timeMs])
}

/** Checks that the times of all batches of all pages do not go back. @throws VerifyError `evidence-order`. */
function checkTimes(before: ReadonlyMap<number, number>, batches: readonly ShownBatch[]): void {
  if (before.size === 0) return
  const times = [...new Map([...before, ...timesOf(batches)])].sort(([a], [b]) => a - b)
  times.forEach(([index, timeMs], i) => {
    const words = `the time of the batch at ${index} is before that of one before it, of another page`
    check(i === 0 || times[i - 1]![1] <= timeMs, 'evidence-order', words)
  })
}

/** Checks that the account was only ever under keys of the card, and is under the last of them. */
function checkOwners({ owners: hers }: Card, { owner, owners }: Standing): void {
  const words = 'the account is, or was, under an owner key that your card does not name'
  check(
    owners.every(key => hers.some(one => equalBytes(one, key))),
    'wrong-owner',
    words,
  )
  const isNow = owner === null || equalBytes(owner, hers.at(-1)!)
  check(isNow, 'wrong-owner', 'the account is not under the key that your card names last')
}

/** The checkpoints accepted last, that of a page among them. */
function seenNow(
  seen: readonly SeenCheckpoint[] = [],
  checkpoint: TrustedCheckpoint,
  logs: readonly NamedLog[],
): SeenCheckpoint[] {
  const { origin, size, root } = checkpoint
  const at = logs.findIndex(log => log.origin === origin)
  const before = logs.slice(0, at).map(log => log.origin)
  return [...seen.filter(one => one.origin !== origin), { origin, size, root, before }]
}

/** Notes the lines of a page, and the places of those before it. */
function noteLines(
  { lines, bare, since }: SoFar,
  taken: readonly TakenLine[],
  signers: readonly (readonly LineSigner[])[],
  serials: ReadonlyMap<number, number>,
): void {
  taken.forEach((one, i) => {
    const { number, place, line } = one
    const { transaction, timeMs, change, balance } = line
    const ledgerTimeMs = place?.batch.timeMs ?? null
    const serial = serials.get(number) ?? null
    const shown = { transaction, timeMs, ledgerTimeMs, change, balance, serial, signers: signers[i]!, isErased: false }
    lines[number - since - 1] = shown
    if (place === undefined) bare.set(number, one)
  })
}

/** The lines, with what is said of each by a later one: that the details under its commitment were erased. */
function withErased(lines: readonly VerifiedLine[]): VerifiedLine[] {
  /** Of each commitment, the last line that says so. */
  const erased = new Map<string, number>()
  lines.forEach(({ transaction }, i) => {
    if (transaction.kind === 'erase') erased.set(toHex(transaction.details), i)
  })
  return lines.map((line, i) => {
    const { transaction } = line
    const details = 'details' in transaction && transaction.kind !== 'erase' ? transaction.details : null
    const isErased = details !== null && (erased.get(toHex(details)) ?? -1) > i
    return isErased ? { ...line, isErased } : line
  })
}
