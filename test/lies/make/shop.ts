import { DAY_MS, QUARTER_MS } from '../../../src/account/dates.ts'
import { equalBytes, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { engine } from '../../../src/core/crypto/engine.ts'
import { decodeTransaction, type OpenAccount } from '../../../src/core/entry/transaction.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { decodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { formatCard } from '../../../src/verify/card.ts'
import { encodePromise } from '../../../src/verify/promise.ts'
import { type Draft, keyNumber, OPERATOR_KEY, type Signer, type TestKey, World } from '../../world.ts'
import { Books, type LogKey } from './books.ts'

/** Records of the shop's ledger. */
export const R = {
  root: 0,
  registrar: 1,
  treasurer: 2,
  coins: 3,
  rule: 4,
  miles: 5,
  issuer: 6,
  merchant: 7,
  operator: 8,
  revoked: 9,
  custodian: 10,
  otherCustodian: 11,
} as const

/** Its accounts. Alice earns and spends; Bob has dates, a hold and a recovery; Carol a custodian; Dora miles. */
export const A = {
  treasury: 0,
  budget: 1,
  expired: 2,
  merchant: 3,
  milesTreasury: 4,
  milesBudget: 5,
  otherMerchant: 6,
  alice: 7,
  bob: 8,
  carol: 9,
  dora: 10,
} as const

export const KEYS = {
  root: keyNumber(2),
  registrar: keyNumber(3),
  treasurer: keyNumber(4),
  issuer: keyNumber(5),
  merchant: keyNumber(7),
  revoked: keyNumber(8),
  custodian: keyNumber(9),
  otherCustodian: keyNumber(10),
  alice: keyNumber(11),
  bob: keyNumber(12),
  dora: keyNumber(13),
  recovery: [keyNumber(14), keyNumber(15)],
  stranger: keyNumber(77),
} as const

export const hash = (text: string): Uint8Array => engine().sha256(utf8Encode(text))

/** Transactions a minute that are taken of one key of a member who has coins. */
export const MEMBER_RATE = 4

const WELCOME_DETAILS: Uint8Array = hash('salt, and why Alice got 300')
const HOLD_MS = 3_600_000
/** The quarter hour in which the shop's ledger begins. */
export const QUARTER = 2_000_000
const DAY = DAY_MS / QUARTER_MS
/** Dates of Bob's lots in a ledger that begins then: one that is ripe, one that matures in two days. */
const soonFrom = (quarter: number) => ({ matures: quarter - DAY, expires: quarter + 30 * DAY })
const laterFrom = (quarter: number) => ({ matures: quarter + 2 * DAY, expires: quarter + 60 * DAY })
export const SOON: { readonly matures: number; readonly expires: number } = soonFrom(QUARTER)
export const LATER: { readonly matures: number; readonly expires: number } = laterFrom(QUARTER)

export const by = {
  root: { record: R.root, key: KEYS.root },
  registrar: { record: R.registrar, key: KEYS.registrar },
  treasurer: { record: R.treasurer, key: KEYS.treasurer },
  issuer: { record: R.issuer, key: KEYS.issuer },
  merchant: { record: R.merchant, key: KEYS.merchant },
  operator: { record: R.operator, key: OPERATOR_KEY },
  revoked: { record: R.revoked, key: KEYS.revoked },
  custodian: { record: R.custodian, key: KEYS.custodian },
  otherCustodian: { record: R.otherCustodian, key: KEYS.otherCustodian },
  alice: { account: A.alice, key: KEYS.alice },
  bob: { account: A.bob, key: KEYS.bob },
  dora: { account: A.dora, key: KEYS.dora },
} as const satisfies Readonly<Record<string, Signer>>

export const recoverer = (account: number, i: number): Signer => ({ account, recovery: i, key: KEYS.recovery[i]! })

export const issue = (
  credit: number,
  amount: number,
  more: Partial<Extract<Draft, { kind: 'issue' }>> = {},
): Draft => ({
  kind: 'issue',
  debit: A.budget,
  credit,
  amount,
  ...more,
})
export const redeem = (debit: number, amount: number): Draft => ({ kind: 'redeem', debit, credit: A.treasury, amount })

/** The truth that the corpus lies about: a small ledger, run by the real log, always the same to the byte. */
export interface Shop {
  readonly log: LogKey
  readonly policy: string
  /** All entries, the last seal included; and up to the seal before. */
  readonly entries: readonly Uint8Array[]
  readonly earlierSize: number
  /** The books before the last seal. */
  readonly books: Books
  readonly checkpoint: Uint8Array
  readonly earlierCheckpoint: Uint8Array
  /**
   * The statements that the ledger itself makes of each member, a budget and a shop: with evidence where it must be,
   * and everywhere.
   */
  readonly statements: Readonly<Record<number, { readonly plain: Uint8Array; readonly signatures: Uint8Array }>>
  /** Alice's statement at the seal before. */
  readonly earlierStatement: Uint8Array
  readonly cards: Readonly<Record<number, string>>
  readonly receiptAt: Readonly<Record<number, string>>
  readonly promise: Uint8Array
  /** Where Alice's spending stands: its batch, of which the second transaction was refused. */
  readonly spentAt: number
  /** Where Bob’s hold and consent, and Alice’s first issue, stand. */
  readonly holdAt: number
  readonly grantAt: number
  readonly issuedAt: number
}

/** A world for the shop, whose ids and nonces are hashes of their number. Its clock is turned by hand. */
export function shopWorld(): Promise<World> {
  let made = 0
  return World.create({ empty: true, random: bytes => hash(`random ${made++}`).subarray(0, bytes) })
}

/** The shop’s ledger as the corpus has it, the same each time. */
export async function openShop(): Promise<Shop> {
  const world = await shopWorld()
  try {
    return await runShop(world)
  } finally {
    await world.destroy()
  }
}

/** Runs the shop’s ledger in an empty world, from its time on. */
export async function runShop(world: World): Promise<Shop> {
  // On a full hour, as dates of the unit are.
  const quarter = 4 * Math.floor(world.nowMs / (4 * QUARTER_MS))
  const [soon, later] = [soonFrom(quarter), laterFrom(quarter)]
  const submit = async (signers: readonly Signer[], ...drafts: Draft[]) => {
    const list = drafts.map(draft => {
      world.nowMs += 1000
      return world.bytes(draft)
    })
    const { index, promise } = await world.submit(signers, ...list)
    return { index: index!, promise, list }
  }
  const open = (owner: TestKey | null, more: Partial<Extract<Draft, { kind: 'open-account' }>> = {}): Draft => ({
    ...(world.openMember() as Extract<Draft, { kind: 'open-account' }>),
    owner: owner?.publicKey ?? null,
    ...more,
    terms: world.terms(more.unit ?? R.coins),
  })
  const account = (accountKind: 'treasury' | 'budget' | 'expired' | 'merchant', unit: number): Draft => ({
    kind: 'open-account',
    accountKind,
    unit,
    terms: world.terms(unit),
    nonce: hash(`${accountKind} of ${unit}`),
  })
  await submit([by.root], world.genesis())
  await submit(
    [by.root],
    world.registerKey('registrar', KEYS.registrar),
    world.registerKey('treasurer', KEYS.treasurer),
    {
      kind: 'define-unit',
      name: 'coins',
      cap: 100_000,
      step: 5,
      giftEach: 50,
      giftDay: 80,
      debtMax: 20,
      custody: 1,
      windowMs: 7 * DAY_MS,
      take: { each: 10, most: 15, keep: 60, day: 40, open: 0 },
      collect: 0,
      memberRate: MEMBER_RATE,
    },
    {
      kind: 'publish-rule',
      name: 'welcome',
      digest: hash('300 coins for anyone who joins'),
      budgets: [A.budget, A.milesBudget],
    },
    { kind: 'define-unit', name: 'miles', cap: 100_000, windowMs: DAY_MS },
  )
  await submit(
    [by.treasurer],
    account('treasury', R.coins),
    account('budget', R.coins),
    account('expired', R.coins),
    account('merchant', R.coins),
    account('treasury', R.miles),
    account('budget', R.miles),
    account('merchant', R.coins),
    { kind: 'fund', debit: A.treasury, credit: A.budget, amount: 10_000 },
    { kind: 'fund', debit: A.milesTreasury, credit: A.milesBudget, amount: 1000 },
  )
  await submit(
    [by.root],
    world.registerKey('issuer', KEYS.issuer, [A.budget, A.milesBudget]),
    world.registerKey('merchant', KEYS.merchant, [A.treasury, A.merchant]),
    world.registerKey('operator', OPERATOR_KEY),
    world.registerKey('issuer', KEYS.revoked, [A.budget]),
    world.registerKey('custodian', KEYS.custodian),
    world.registerKey('custodian', KEYS.otherCustodian),
  )
  const recovery = { keys: KEYS.recovery.map(({ publicKey }) => publicKey), need: 2, delayMs: DAY_MS }
  await submit([by.root], { kind: 'revoke', record: R.revoked, reason: 2 })
  await submit(
    [by.registrar],
    open(KEYS.alice, { unit: R.coins, recovery }),
    open(KEYS.bob, { unit: R.coins, recovery }),
    open(null, { unit: R.coins, custodian: { record: R.custodian, leaf: world.terms(R.custodian) } }),
    open(KEYS.dora, { unit: R.miles }),
  )
  await world.log.publisher.publish()
  const earlier = await submit([by.issuer], issue(A.alice, 300, { rule: R.rule, details: WELCOME_DETAILS }))
  const issuedAt = earlier.index + 1
  await submit([by.issuer], issue(A.bob, 200, soon), issue(A.bob, 100, later))
  const spent = await submit([by.alice], redeem(A.alice, 120), redeem(A.alice, 500))
  await world.log.publisher.publish()
  const earlierSize = world.log.size
  const earlierCheckpoint = world.log.publisher.published!.checkpoint.slice()
  const earlierStatement = await statement(world, A.alice, false)
  await submit([by.issuer], issue(A.alice, 40), issue(A.carol, 60))
  await submit([by.issuer], { ...issue(A.dora, 100), debit: A.milesBudget } as Draft)
  await submit([by.custodian], redeem(A.carol, 20))
  const held = await submit([by.bob], {
    kind: 'hold',
    debit: A.bob,
    credit: A.merchant,
    amount: 50,
    until: world.nowMs + HOLD_MS,
  })
  await submit([by.bob], { kind: 'transfer', debit: A.bob, credit: A.alice, amount: 20, ...soon })
  const granted = await submit([by.bob], {
    kind: 'grant',
    account: A.bob,
    to: R.custodian,
    terms: hash('salt and terms'),
  })
  await submit([by.operator], { kind: 'erase', account: A.alice, details: WELCOME_DETAILS })
  world.nowMs += 1000
  await world.log.publisher.publish()
  const entries = decodeEntryBundle((await world.log.entryBundle(0, world.log.size))!).map(entry => entry.slice())
  const log: LogKey = {
    key: world.log.logKey,
    seed: world.keys.log.seed,
    saltOf: epoch => saltOf.get(epoch) ?? hash(`salt ${epoch}`),
  }
  const saltOf = new Map([0, 1, 2].map(epoch => [epoch, world.log.salt(epoch)!.slice()]))
  const members = [A.alice, A.bob, A.carol, A.dora]
  const both = async (n: number) => ({
    plain: await statement(world, n, false),
    signatures: await statement(world, n, true),
  })
  const { accounts } = world.log.ledger.state
  const card = (account: number) => {
    const owner = accounts.owner(account)
    const opening = accounts.get(account).opening.slice()
    const tx = entries.map(entry => [leafHash(entry), entry] as const).find(([leaf]) => equalBytes(leaf, opening))
    const { nonce } = decodeTransaction(tx![1]) as OpenAccount
    const owners = owner === null ? [] : [owner.slice()]
    return utf8Decode(formatCard({ origin: world.origin, ledgerId: world.ledgerId, account, opening, nonce, owners }))
  }
  const receipt = async (index: number) => utf8Decode((await world.log.prover.receipt(index)) as Uint8Array)
  const receipts = [spent.index + 1, spent.index + 2, issuedAt, entries.length - 1, 0, 1]
  return {
    log,
    policy: formatPolicy(world.policy),
    entries,
    earlierSize,
    books: new Books(log, entries.slice(0, -1)),
    checkpoint: world.log.publisher.published!.checkpoint,
    earlierCheckpoint,
    statements: Object.fromEntries(
      await Promise.all([...members, A.budget, A.merchant].map(async n => [n, await both(n)] as const)),
    ),
    earlierStatement,
    cards: Object.fromEntries(members.map(n => [n, card(n)])),
    receiptAt: Object.fromEntries(await Promise.all(receipts.map(async n => [n, await receipt(n)] as const))),
    promise: encodePromise({ ...spent.promise!, transactions: spent.list }),
    spentAt: spent.index,
    holdAt: held.index + 1,
    issuedAt,
    grantAt: granted.index + 1,
  }
}

async function statement(world: World, account: number, allSignatures: boolean): Promise<Uint8Array> {
  const made = await world.log.prover.statement(account, { since: 0, allSignatures })
  if (typeof made === 'string') throw new Error(`account ${account}: ${made}`)
  return made
}
