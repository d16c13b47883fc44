import { toHex } from '../../src/core/bytes.ts'
import { decodeTransaction, type RecoveryTerms, type Transaction } from '../../src/core/entry/transaction.ts'

/** A signer as a batch names it: a record's number, the account whose owner it is, or one of its recovery keys. */
export type NaiveSigner = { readonly record: number } | { readonly account: number; readonly recovery?: number }

/** Points that came in together, those without dates too. */
export interface Parcel {
  readonly matures: number
  readonly expires: number
  amount: number
}

interface NaiveHold {
  readonly id: string
  readonly credit: number
  readonly amount: number
  readonly until: number
  readonly parcels: readonly Parcel[]
}

export interface NaiveAccount {
  readonly kind: string
  readonly unit: number
  owner: string | null
  readonly custodian: number | null
  readonly recovery: RecoveryTerms | null
  /** Bytes of the opening entry. */
  readonly opening: Uint8Array
  status: 'open' | 'frozen' | 'closed'
  entries: number
  time: number
  credited: bigint
  debited: bigint
  /** Per batch that names it, the entries that do, in order. */
  readonly history: Uint8Array[][]
  parcels: Parcel[]
  debt: number
  holds: NaiveHold[]
  gift: { day: number; amount: number }
  pending: { key: string; due: number } | undefined
  grants: { id: string; to: number; until: number }[]
}

interface NaiveRecord {
  readonly transaction: Transaction
  readonly bytes: Uint8Array
  readonly from: number
  until: number
}

interface Known {
  readonly tx: Transaction
  readonly bytes: string
  readonly status: string
  /** What a debit took, in order, and how much of it came back. */
  took: Parcel[]
  reversed: number
}

const MAX = 2n ** 53n - 1n
const HOUR = 3_600_000
const DAY = 24 * HOUR

const timeOf = (tx: Transaction) => Number.parseInt(toHex(tx.id).slice(0, 12), 16)
const sum = (list: readonly { readonly amount: number }[]) => list.reduce((total, { amount }) => total + amount, 0)
const isPast = ({ expires }: { expires: number }, at: number) => expires > 0 && expires * HOUR <= at
const isRipe = (one: Parcel, at: number) => one.matures * HOUR <= at && !isPast(one, at)
const isOf = (a: Parcel, b: { matures: number; expires: number }) => a.matures === b.matures && a.expires === b.expires
const bySpending = (a: Parcel, b: Parcel) =>
  (a.expires || Number.MAX_VALUE) - (b.expires || Number.MAX_VALUE) || a.matures - b.matures

/** Takes an amount out of parcels, one after another, and says what it took of which. */
function drawn(parcels: readonly Parcel[], amount: number): Parcel[] {
  const taken: Parcel[] = []
  let left = amount
  for (const parcel of parcels) {
    const some = Math.min(left, parcel.amount)
    if (some > 0) taken.push({ ...parcel, amount: some })
    left -= some
    parcel.amount -= some
  }
  return taken
}

const copies = (parcels: readonly Parcel[]) => parcels.map(one => ({ ...one }))

/** Points come, or come back: they pay a debt first. */
function put(account: NaiveAccount, parcels: readonly Parcel[]): void {
  for (const { matures, expires, amount } of parcels) {
    const paid = Math.min(account.debt, amount)
    account.debt -= paid
    const there = account.parcels.find(one => isOf(one, { matures, expires }))
    if (there === undefined) account.parcels.push({ matures, expires, amount: amount - paid })
    else there.amount += amount - paid
  }
  account.parcels = account.parcels.filter(({ amount }) => amount > 0).sort(bySpending)
}

/** Spends what may be spent at a time, of the parcels that `of` names. */
function spend(account: NaiveAccount, amount: number, at: number, of = (_: Parcel) => true): Parcel[] {
  const taken = drawn(
    account.parcels.filter(one => isRipe(one, at) && of(one)),
    amount,
  )
  put(account, [])
  return taken
}

const available = (account: NaiveAccount, at: number) => sum(account.parcels.filter(one => isRipe(one, at)))

/** What comes back of a debit: what was taken last, first. */
function partsBack({ took, reversed }: Known, amount: number): Parcel[] {
  const backwards = copies(took).reverse()
  drawn(backwards, reversed)
  return drawn(backwards, amount).reverse()
}

/** Whether dates more would be too many, held ones counted. */
function isFull(account: NaiveAccount, parcels: readonly { matures: number; expires: number }[]): boolean {
  const all = [...account.parcels, ...account.holds.flatMap(hold => hold.parcels), ...parcels]
  return (
    new Set(all.filter(one => one.matures + one.expires > 0).map(one => `${one.matures}/${one.expires}`)).size > 256
  )
}

/**
 * A ledger as SPEC §5 to §8 tell it, written to be obviously right: bigints, maps, points in parcels, and every outcome a
 * predicate of its own in a list in the order of §8, of which the first that is true is the status. Slow, and knows
 * nothing of `src/ledger`, nor of the holdings in core.
 */
export class NaiveLedger {
  readonly accounts: NaiveAccount[] = []
  readonly records: NaiveRecord[] = []
  /** By id in hex. */
  readonly ids = new Map<string, Known>()
  /** Budget and member → what was given. */
  readonly given = new Map<string, { day: number; today: number; total: number }>()
  readonly totals = new Map<number, { issued: number; redeemed: number; expired: number; reversed: number }>()
  #ownersBefore: (string | null)[] = []
  size = 0
  skew = 0
  roots = 1

  /** The outcomes of a batch, or the code of its refusal; undefined when nothing of it would be written. */
  submit(signers: readonly NaiveSigner[], list: readonly Uint8Array[], time: number): string[] | string | undefined {
    const transactions = list.map(bytes => ({ bytes, tx: decodeTransaction(bytes) }))
    const refusal = this.#refusal(signers, transactions)
    if (refusal !== undefined) return refusal
    const isOld = ({ bytes, tx }: { bytes: Uint8Array; tx: Transaction }) =>
      this.ids.get(toHex(tx.id))?.bytes === toHex(bytes)
    if (transactions.every(isOld)) return undefined
    const touched = new Map<number, Uint8Array[]>()
    // What the signers are is asked once, before the first of the batch takes effect.
    const keys = signers.flatMap(signer => this.#keyOf(signer) ?? [])
    this.#ownersBefore = this.accounts.map(({ owner }) => owner)
    const outcomes = transactions.map(({ bytes, tx }, position) => {
      const outcome = this.#outcome(signers, keys, tx, bytes, time)
      const known: Known = { tx, bytes: toHex(bytes), status: outcome, took: [], reversed: 0 }
      const isNew = !this.ids.has(toHex(tx.id))
      if (outcome === 'accepted') this.#take(tx, bytes, this.size + 1 + position, touched, known)
      if (isNew) this.ids.set(toHex(tx.id), known)
      return outcome
    })
    for (const [account, entries] of touched) this.accounts[account]!.history.push(entries)
    this.size += 1 + list.length
    return outcomes
  }

  #refusal(signers: readonly NaiveSigner[], list: readonly { tx: Transaction }[]): string | undefined {
    const hasGenesis = list.some(({ tx }) => tx.kind === 'genesis')
    if (this.size === 0) {
      if (!hasGenesis || list.length !== 1) return 'batch-genesis'
      const [signer] = signers
      return signers.length === 1 && signer !== undefined && 'record' in signer && signer.record === 0
        ? undefined
        : 'signer-unknown'
    }
    if (hasGenesis) return 'batch-genesis'
    for (const signer of signers) if (this.#keyOf(signer) === undefined) return 'signer-unknown'
    for (const signer of signers)
      if ('record' in signer && this.records[signer.record]!.until !== 0) return 'signer-revoked'
    return undefined
  }

  #keyOf(signer: NaiveSigner): { role: string; scope: readonly number[]; backdateMs: number } | undefined {
    if ('account' in signer) {
      const account = this.accounts[signer.account]
      const key = signer.recovery === undefined ? account?.owner : account?.recovery?.keys[signer.recovery]
      return key == null ? undefined : { role: 'holder', scope: [], backdateMs: 0 }
    }
    const tx = this.records[signer.record]?.transaction
    if (tx?.kind === 'genesis') return { role: 'root', scope: [], backdateMs: 0 }
    return tx?.kind === 'register-key' ? tx : undefined
  }

  #role(record: number): string | undefined {
    return this.records[record]?.until === 0 ? this.#keyOf({ record })?.role : undefined
  }

  unit(n: number) {
    const defined = this.records[n]?.transaction
    return defined?.kind === 'define-unit' ? defined : undefined
  }

  #outcome(
    signers: readonly NaiveSigner[],
    keys: readonly { role: string; scope: readonly number[]; backdateMs: number }[],
    tx: Transaction,
    bytes: Uint8Array,
    time: number,
  ): string {
    const t = timeOf(tx)
    const backdate = Math.max(0, ...keys.map(key => key.backdateMs))
    const has = (role: string, scoped?: number) =>
      keys.some(key => key.role === role && (scoped === undefined || key.scope.includes(scoped)))
    const known = this.ids.get(toHex(tx.id))
    const is = (...kinds: string[]) => kinds.includes(tx.kind)
    const moves = 'debit' in tx ? tx : undefined
    const debit = moves && this.accounts[moves.debit]
    const credit = moves && this.accounts[moves.credit]
    const amount = moves?.amount ?? 0
    const convert = tx.kind === 'convert' ? tx : undefined
    const [gaining, paying] = convert ? [this.accounts[convert.account], this.accounts[convert.budget]] : []
    const only = 'account' in tx && tx.kind !== 'convert' ? tx.account : undefined
    const named = tx.kind === 'publish-rate' ? tx.budget : only
    const one = named === undefined ? undefined : this.accounts[named]
    const member = debit?.kind === 'member' ? debit : only === undefined ? undefined : one
    const at = Math.max(t, member?.time ?? 0)
    const creditAt = Math.max(t, credit?.time ?? 0)
    const gainingAt = Math.max(t, gaining?.time ?? 0)
    const unit = debit && this.unit(debit.unit)
    const original = tx.kind === 'reverse' ? this.ids.get(toHex(tx.original)) : undefined
    const reversed = original?.tx
    const canReverse = () =>
      moves !== undefined &&
      original?.status === 'accepted' &&
      reversed !== undefined &&
      (reversed.kind === 'fund' ||
        reversed.kind === 'issue' ||
        reversed.kind === 'redeem' ||
        reversed.kind === 'capture') &&
      reversed.debit === moves.credit &&
      reversed.credit === moves.debit
    const hold =
      tx.kind === 'capture' || tx.kind === 'release' ? member?.holds.find(({ id }) => id === toHex(tx.hold)) : undefined
    const grant =
      tx.kind === 'withdraw' || tx.kind === 'disclose'
        ? one?.grants.find(({ id }) => id === toHex(tx.grant))
        : undefined
    const record = tx.kind === 'revoke' ? this.records[tx.record] : undefined
    const standing = (n: number, kind: string) =>
      this.records[n]?.until === 0 && this.records[n].transaction.kind === kind
        ? this.records[n].transaction
        : undefined
    const ends: Readonly<Record<string, readonly [string, ...string[]]>> = {
      fund: ['treasury', 'budget'],
      issue: ['budget', 'member'],
      redeem: ['member', 'treasury', 'merchant'],
      expire: ['member', 'expired'],
      hold: ['member', 'treasury', 'merchant'],
      capture: ['member', 'treasury', 'merchant'],
      transfer: ['member', 'member'],
      settle: ['merchant', 'treasury'],
      convert: ['member', 'treasury'],
    }
    // An owner's signature counts as long as the key it was made with is the owner's.
    const owns = (n: number) =>
      this.accounts[n]!.owner === this.#ownersBefore[n] &&
      signers.some(s => 'account' in s && s.recovery === undefined && s.account === n)
    const custodian = (n: number) =>
      signers.some(
        s => 'record' in s && s.record === this.accounts[n]!.custodian && this.accounts[n]!.custodian !== null,
      )
    const recovers = (n: number) => {
      const terms = this.accounts[n]!.recovery
      const signed = signers.filter(s => 'account' in s && s.recovery !== undefined && s.account === n).length
      return terms !== null && signed >= terms.need
    }
    const liveRoots = this.records.filter((_, n) => this.#role(n) === 'root').length
    const byRoot = () => {
      const signed = keys.filter(({ role }) => role === 'root').length
      return signed >= 1 && signed >= Math.min(this.roots, liveRoots)
    }
    const entitled = (): boolean => {
      switch (tx.kind) {
        case 'genesis':
          return true
        case 'register-key':
        case 'revoke':
        case 'define-unit':
        case 'publish-rule':
        case 'publish-rate':
          return byRoot()
        case 'open-account':
          return has(tx.accountKind === 'member' ? 'registrar' : 'treasurer')
        case 'fund':
        case 'settle':
        case 'set-budget':
          return has('treasurer')
        case 'issue':
          return has('issuer', tx.debit)
        case 'redeem':
        case 'hold':
          return owns(tx.debit) || custodian(tx.debit)
        case 'transfer':
        case 'convert':
          return owns(tx.debit)
        case 'capture':
          return has('merchant', tx.credit)
        case 'release':
          return has('merchant', hold!.credit) || has('operator')
        case 'reverse':
          if (reversed!.kind === 'fund') return has('treasurer')
          return reversed!.kind === 'issue' ? has('issuer', tx.credit) : has('merchant', tx.debit)
        case 'expire':
        case 'disclose':
        case 'erase':
          return has('operator')
        case 'freeze':
        case 'unfreeze':
          return has('registrar')
        case 'close':
          return owns(tx.account) || has('registrar')
        case 'rotate-owner':
        case 'veto':
        case 'grant':
        case 'withdraw':
          return owns(tx.account)
        case 'recover':
          return recovers(tx.account)
        case 'finish-recovery':
          return recovers(tx.account) || has('registrar')
      }
    }
    const terms = (budget: number) =>
      this.records.map(({ transaction }) => transaction).findLast(s => s.kind === 'set-budget' && s.account === budget)
    const giving =
      tx.kind === 'issue'
        ? [tx.debit, tx.credit, tx.amount]
        : convert
          ? [convert.budget, convert.account, convert.gained]
          : []
    const closes = () => {
      const set = giving.length > 0 ? terms(giving[0]!) : undefined
      return set?.kind === 'set-budget' && (t < set.from || (set.until > 0 && t >= set.until))
    }
    const overMember = () => {
      const set = giving.length > 0 ? terms(giving[0]!) : undefined
      if (set?.kind !== 'set-budget') return false
      const before = this.given.get(`${giving[0]}/${giving[1]}`)
      const today = before !== undefined && before.day === Math.floor(t / DAY) ? before.today : 0
      return (
        (set.memberDay > 0 && today + giving[2]! > set.memberDay) ||
        (set.memberTotal > 0 && (before?.total ?? 0) + giving[2]! > set.memberTotal)
      )
    }
    const offRate = () => {
      const rate = standing(convert!.rate, 'publish-rate')
      if (rate?.kind !== 'publish-rate') return true
      const expires = rate.life === 0 ? 0 : Math.ceil(t / HOUR) + rate.life
      return (
        rate.unit !== debit!.unit ||
        rate.budget !== convert!.budget ||
        BigInt(amount) * BigInt(rate.get) !== BigInt(convert!.gained) * BigInt(rate.give) ||
        convert!.expires !== expires ||
        debit!.owner === null ||
        debit!.owner !== gaining!.owner
      )
    }
    const dueNow = () => sum(debit!.parcels.filter(parcel => isPast(parcel, t)))
    const given = () => (debit!.gift.day === Math.floor(at / DAY) ? debit!.gift.amount : 0) + amount
    const lacks = (): boolean => {
      if (tx.kind === 'reverse' && reversed!.kind === 'issue') {
        const clawable = sum(debit!.parcels.filter(parcel => !isPast(parcel, at)))
        return amount > clawable && amount - clawable + debit!.debt > unit!.debtMax
      }
      if (tx.kind === 'transfer') return sum(debit!.parcels.filter(p => isOf(p, tx) && isRipe(p, at))) < amount
      if (is('redeem', 'hold', 'convert')) return available(debit!, at) < amount
      if (is('capture', 'expire')) return false
      return debit!.kind !== 'treasury' && debit!.credited - debit!.debited < BigInt(amount)
    }
    const tooManyLots = () => {
      if (tx.kind === 'issue' || tx.kind === 'transfer') return isFull(credit!, [tx])
      if (convert) return isFull(gaining!, [{ matures: 0, expires: convert.expires }])
      return tx.kind === 'reverse' && credit!.kind === 'member' && isFull(credit!, partsBack(original!, amount))
    }
    const makesRecord = is('register-key', 'define-unit', 'publish-rule', 'publish-rate', 'set-budget')
    const table: [string, () => boolean][] = [
      ['exists', () => known?.bytes === toHex(bytes)],
      ['id-taken', () => known !== undefined],
      ['time-ahead', () => !is('genesis') && t > time + this.skew],
      ['time-behind', () => !is('genesis') && t < time - this.skew - backdate],
      [
        'record-unknown',
        () =>
          (tx.kind === 'revoke' && record === undefined) ||
          (tx.kind === 'grant' && this.#role(tx.to) === undefined) ||
          (tx.kind === 'open-account' && tx.custodian !== null && this.#role(tx.custodian) !== 'custodian'),
      ],
      ['record-not-revocable', () => ['define-unit', 'set-budget'].includes(record?.transaction.kind ?? '')],
      ['record-revoked', () => record !== undefined && record.until !== 0],
      [
        'unit-unknown',
        () => (tx.kind === 'open-account' || tx.kind === 'publish-rate') && this.unit(tx.unit) === undefined,
      ],
      [
        'rule-unknown',
        () =>
          (tx.kind === 'issue' && tx.rule !== 0 && standing(tx.rule, 'publish-rule') === undefined) ||
          (convert !== undefined && standing(convert.rate, 'publish-rate') === undefined),
      ],
      [
        'account-unknown',
        () =>
          (named !== undefined && one === undefined) ||
          (convert !== undefined && (gaining === undefined || paying === undefined)),
      ],
      ['debit-unknown', () => moves !== undefined && debit === undefined],
      ['credit-unknown', () => moves !== undefined && credit === undefined],
      [
        'same-account',
        () =>
          (moves !== undefined && moves.debit === moves.credit) ||
          (convert !== undefined && (convert.budget === convert.account || convert.debit === convert.account)),
      ],
      [
        'unit-mismatch',
        () =>
          (moves !== undefined && debit!.unit !== credit!.unit) ||
          (convert !== undefined && gaining!.unit !== paying!.unit),
      ],
      [
        'account-kind',
        () =>
          (one !== undefined && one.kind !== (is('set-budget', 'publish-rate') ? 'budget' : 'member')) ||
          (convert !== undefined && (gaining!.kind !== 'member' || paying!.kind !== 'budget')),
      ],
      ['debit-kind', () => moves !== undefined && !is('reverse') && debit!.kind !== ends[tx.kind]![0]],
      ['credit-kind', () => moves !== undefined && !is('reverse') && !ends[tx.kind]!.slice(1).includes(credit!.kind)],
      [
        'scope-unknown',
        () =>
          tx.kind === 'register-key' &&
          tx.scope.some(
            n => !(tx.role === 'issuer' ? ['budget'] : ['treasury', 'merchant']).includes(this.accounts[n]?.kind ?? ''),
          ),
      ],
      ['account-closed', () => [debit, credit, gaining, one].some(account => account?.status === 'closed')],
      ['original-unknown', () => is('reverse') && !canReverse()],
      [
        'hold-unknown',
        () => (tx.kind === 'capture' && hold?.credit !== tx.credit) || (tx.kind === 'release' && hold === undefined),
      ],
      [
        'grant-unknown',
        () =>
          (is('withdraw', 'disclose') && grant === undefined) ||
          (is('disclose') && grant!.until > 0 && grant!.until <= at),
      ],
      ['not-entitled', () => !entitled()],
      [
        'account-frozen',
        () =>
          (is('redeem', 'hold', 'transfer', 'convert') && debit!.status === 'frozen') ||
          (is('freeze') && one!.status === 'frozen'),
      ],
      ['not-frozen', () => is('unfreeze') && one!.status !== 'frozen'],
      [
        'recovery-state',
        () =>
          (is('recover') && (one!.pending !== undefined || one!.recovery === null)) ||
          (is('veto', 'finish-recovery') && one!.pending === undefined),
      ],
      ['no-custody', () => tx.kind === 'open-account' && tx.custodian !== null && this.unit(tx.unit)!.custody === 0],
      [
        'name-taken',
        () =>
          'name' in tx &&
          this.records.some(
            ({ transaction }) => transaction.kind === tx.kind && 'name' in transaction && transaction.name === tx.name,
          ),
      ],
      [
        'treasury-exists',
        () =>
          tx.kind === 'open-account' &&
          tx.accountKind === 'treasury' &&
          this.accounts.some(account => account.kind === 'treasury' && account.unit === tx.unit),
      ],
      ['last-root', () => tx.kind === 'revoke' && this.#role(tx.record) === 'root' && liveRoots <= this.roots],
      [
        'registry-full',
        () =>
          makesRecord &&
          (this.records.length >= 65_536 ||
            (is('define-unit') &&
              this.records.filter(other => other.transaction.kind === 'define-unit').length >= 256)),
      ],
      ['accounts-full', () => is('open-account') && this.accounts.length >= 2 ** 32],
      [
        'off-step',
        () =>
          (moves !== undefined && amount % unit!.step !== 0) ||
          (convert !== undefined && convert.gained % this.unit(gaining!.unit)!.step !== 0),
      ],
      ['no-gifts', () => is('transfer') && unit!.giftEach === 0],
      ['rate-mismatch', () => convert !== undefined && offRate()],
      [
        'dates',
        () =>
          (tx.kind === 'issue' && isPast(tx, creditAt)) ||
          (tx.kind === 'transfer' && (isPast(tx, creditAt) || isPast(tx, at))) ||
          (convert !== undefined && isPast(convert, gainingAt)) ||
          (tx.kind === 'grant' && tx.until > 0 && tx.until <= at) ||
          (tx.kind === 'reverse' && reversed?.kind === 'issue' && isPast(reversed, at)),
      ],
      ['hold-ended', () => (tx.kind === 'hold' && tx.until <= at) || (tx.kind === 'capture' && hold!.until <= at)],
      [
        'not-due',
        () =>
          (tx.kind === 'expire' && (t > time || dueNow() !== amount)) ||
          (tx.kind === 'release' && !has('merchant', hold!.credit) && (t > time || t < hold!.until)) ||
          (tx.kind === 'finish-recovery' && (t > time || t < one!.pending!.due)),
      ],
      ['window-over', () => tx.kind === 'reverse' && t > timeOf(reversed!) + unit!.windowMs],
      ['budget-closed', () => closes()],
      ['over-member-cap', () => overMember()],
      ['over-gift-cap', () => is('transfer') && (amount > unit!.giftEach || given() > unit!.giftDay)],
      [
        'over-original',
        () =>
          (tx.kind === 'capture' && amount > hold!.amount) ||
          (tx.kind === 'reverse' && 'amount' in reversed! && amount > reversed.amount - original!.reversed),
      ],
      [
        'over-cap',
        () => debit?.kind === 'treasury' && debit.debited + BigInt(amount) - debit.credited > BigInt(unit!.cap),
      ],
      [
        'insufficient',
        () =>
          (moves !== undefined && lacks()) ||
          (convert !== undefined && paying!.credited - paying!.debited < BigInt(convert.gained)),
      ],
      ['lots-full', () => tooManyLots()],
      ['holds-full', () => is('hold') && debit!.holds.length >= 16],
      ['grants-full', () => is('grant') && one!.grants.length >= 32],
      [
        'not-empty',
        () => is('close') && (one!.credited !== one!.debited || one!.holds.length > 0 || one!.parcels.length > 0),
      ],
      [
        'total-overflow',
        () =>
          (moves !== undefined &&
            !is('hold') &&
            (debit!.debited + BigInt(amount) > MAX || credit!.credited + BigInt(amount) > MAX)) ||
          (convert !== undefined &&
            (paying!.debited + BigInt(convert.gained) > MAX || gaining!.credited + BigInt(convert.gained) > MAX)),
      ],
    ]
    return table.find(([, applies]) => applies())?.[0] ?? 'accepted'
  }

  #take(tx: Transaction, bytes: Uint8Array, index: number, touched: Map<number, Uint8Array[]>, self: Known): void {
    const t = timeOf(tx)
    const at = (account: NaiveAccount) => Math.max(t, account.time)
    const name = (number: number) => {
      const account = this.accounts[number]!
      account.entries++
      account.time = Math.max(account.time, t)
      touched.set(number, [...(touched.get(number) ?? []), bytes])
    }
    if ('debit' in tx) {
      this.#move(tx, at, self)
      name(tx.debit)
      if (tx.kind !== 'hold') name(tx.credit)
      if (tx.kind === 'convert') for (const account of [tx.budget, tx.account]) name(account)
      return
    }
    switch (tx.kind) {
      case 'open-account':
        this.accounts.push({
          kind: tx.accountKind,
          unit: tx.unit,
          owner: tx.owner === null ? null : toHex(tx.owner),
          custodian: tx.custodian,
          recovery: tx.recovery,
          opening: bytes,
          status: 'open',
          entries: 0,
          time: 0,
          credited: 0n,
          debited: 0n,
          history: [],
          parcels: [],
          debt: 0,
          holds: [],
          gift: { day: 0, amount: 0 },
          pending: undefined,
          grants: [],
        })
        name(this.accounts.length - 1)
        return
      case 'revoke':
        this.records[tx.record]!.until = index
        return
      case 'genesis':
        this.skew = tx.skewMs
        this.roots = tx.roots
        break
      case 'register-key':
      case 'define-unit':
      case 'publish-rule':
      case 'publish-rate':
        break
      case 'set-budget':
        name(tx.account)
        break
      default:
        this.#change(tx, at)
        name(tx.account)
        return
    }
    this.records.push({ transaction: tx, bytes, from: index, until: 0 })
  }

  #move(tx: Extract<Transaction, { debit: number }>, at: (account: NaiveAccount) => number, self: Known): void {
    const [debit, credit] = [this.accounts[tx.debit]!, this.accounts[tx.credit]!]
    const total = (unit: number) => {
      if (!this.totals.has(unit)) this.totals.set(unit, { issued: 0, redeemed: 0, expired: 0, reversed: 0 })
      return this.totals.get(unit)!
    }
    const give = (budget: number, member: number, amount: number) => {
      const capped = this.records.some(({ transaction: one }) => one.kind === 'set-budget' && one.account === budget)
      if (!capped) return
      const key = `${budget}/${member}`
      const day = Math.floor(timeOf(tx) / DAY)
      const before = this.given.get(key)
      const today = before?.day === day ? before.today : 0
      this.given.set(key, { day, today: today + amount, total: (before?.total ?? 0) + amount })
    }
    const counts = total(debit.unit)
    if (tx.kind === 'hold') {
      const parcels = spend(debit, tx.amount, at(debit))
      debit.holds.push({ id: toHex(tx.id), credit: tx.credit, amount: tx.amount, until: tx.until, parcels })
      return
    }
    if (tx.kind === 'issue') {
      put(credit, [{ matures: tx.matures, expires: tx.expires, amount: tx.amount }])
      counts.issued += tx.amount
      give(tx.debit, tx.credit, tx.amount)
    }
    if (tx.kind === 'redeem' || tx.kind === 'convert') {
      self.took = spend(debit, tx.amount, at(debit))
      counts.redeemed += tx.amount
    }
    if (tx.kind === 'expire') {
      debit.parcels = debit.parcels.filter(parcel => !isPast(parcel, timeOf(tx)))
      counts.expired += tx.amount
    }
    if (tx.kind === 'capture') {
      const hold = debit.holds.find(({ id }) => id === toHex(tx.hold))!
      const parcels = copies(hold.parcels)
      self.took = drawn(parcels, tx.amount)
      debit.holds = debit.holds.filter(one => one !== hold)
      put(debit, parcels)
      counts.redeemed += tx.amount
    }
    if (tx.kind === 'transfer') {
      spend(debit, tx.amount, at(debit), parcel => isOf(parcel, tx))
      put(credit, [{ matures: tx.matures, expires: tx.expires, amount: tx.amount }])
      const day = Math.floor(at(debit) / DAY)
      debit.gift = { day, amount: (debit.gift.day === day ? debit.gift.amount : 0) + tx.amount }
    }
    if (tx.kind === 'reverse') {
      const original = this.ids.get(toHex(tx.original))!
      if (original.tx.kind === 'issue') {
        const lot = original.tx
        const mine = debit.parcels.filter(parcel => !isPast(parcel, at(debit)))
        const ordered = [...mine.filter(parcel => isOf(parcel, lot)), ...mine.filter(parcel => !isOf(parcel, lot))]
        debit.debt += tx.amount - sum(drawn(ordered, tx.amount))
        debit.parcels = debit.parcels.filter(({ amount }) => amount > 0)
        counts.reversed += tx.amount
      } else if (original.tx.kind !== 'fund') {
        put(credit, partsBack(original, tx.amount))
        counts.redeemed -= tx.amount
      }
      original.reversed += tx.amount
    }
    debit.debited += BigInt(tx.amount)
    credit.credited += BigInt(tx.amount)
    if (tx.kind !== 'convert') return
    this.accounts[tx.budget]!.debited += BigInt(tx.gained)
    const gaining = this.accounts[tx.account]!
    gaining.credited += BigInt(tx.gained)
    put(gaining, [{ matures: 0, expires: tx.expires, amount: tx.gained }])
    total(gaining.unit).issued += tx.gained
    give(tx.budget, tx.account, tx.gained)
  }

  #change(
    tx: Exclude<Extract<Transaction, { account: number }>, { debit: number } | { kind: 'set-budget' }>,
    at: (account: NaiveAccount) => number,
  ): void {
    const account = this.accounts[tx.account]!
    switch (tx.kind) {
      case 'release': {
        const hold = account.holds.find(({ id }) => id === toHex(tx.hold))!
        account.holds = account.holds.filter(one => one !== hold)
        put(account, hold.parcels)
        return
      }
      case 'freeze':
        account.status = 'frozen'
        return
      case 'unfreeze':
        account.status = 'open'
        return
      case 'close':
        account.status = 'closed'
        return
      case 'rotate-owner':
        account.owner = toHex(tx.key)
        account.pending = undefined
        return
      case 'recover':
        account.pending = { key: toHex(tx.key), due: at(account) + account.recovery!.delayMs }
        return
      case 'veto':
        account.pending = undefined
        return
      case 'finish-recovery':
        account.owner = account.pending!.key
        account.pending = undefined
        return
      case 'grant':
        account.grants.push({ id: toHex(tx.id), to: tx.to, until: tx.until })
        return
      case 'withdraw':
        account.grants = account.grants.filter(({ id }) => id !== toHex(tx.grant))
        return
      default:
        return
    }
  }
}
