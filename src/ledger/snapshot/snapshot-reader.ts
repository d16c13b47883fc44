import { CLOSED } from '../../account/standing.ts'
import { equalBytes } from '../../core/bytes.ts'
import { decodeSeal, encodeSeal } from '../../core/entry/seal.ts'
import { openRow, type Row } from '../../lookup/rows.ts'
import { COLD_BYTES, HOT_BYTES } from '../accounts/account-page.ts'
import { SnapshotError, Unpacker } from '../packer.ts'
import { LedgerState } from '../state.ts'
import { Total } from '../total.ts'
import { unpackExtras } from './account-extras.ts'
import { CHANGED } from './changed-accounts.ts'
import { replayGrowth } from './replay-growth.ts'
import { BLOCK_ACCOUNTS, HEAD_KEY, SNAPSHOT_FORM, type SnapshotHead } from './snapshot.ts'

const [B, D, J] = [0x62, 0x64, 0x6a]

/**
 * Makes a state from the rows of a snapshot, and believes none of them: rows carry checksums, all that belong to it
 * must be there, and what they make must have the roots of the seal that it stands for.
 */
export class SnapshotReader {
  readonly head: SnapshotHead
  readonly #state = new LedgerState()
  readonly #count: number
  readonly #units: { readonly accounts: readonly number[]; readonly totals: readonly bigint[] }[]
  readonly #parts: number[]
  #growthRows = 0

  /** @param value - the row under `HEAD_KEY`. @throws SnapshotError. */
  constructor(value: Uint8Array) {
    const from = open(HEAD_KEY, value)
    if (from.u8() !== SNAPSHOT_FORM) throw damaged('it is of another version')
    const [size, number, firstDelta] = [from.number(), from.u32(), from.u32()]
    const deltaParts = Array.from({ length: Math.max(0, number - firstDelta + 1) }, () => from.u32())
    const [growthRows, roundBegan, nextBlock] = [from.u32(), from.u32(), from.u32()]
    this.head = { size, number, firstDelta, deltaParts, growthRows, roundBegan, nextBlock }
    this.#state.ledgerId = from.bytes(32)
    this.#count = from.number()
    this.#units = Array.from({ length: from.u16() }, () => ({
      accounts: Array.from({ length: 2 }, () => from.number()),
      totals: Array.from({ length: 7 }, () => from.wide()),
    }))
    this.#parts = deltaParts.map(() => 0)
  }

  /** Takes the next row of the snapshot's, in the order of their keys. @throws SnapshotError. */
  add({ key, value }: Row): void {
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
    if (key[1] === B) this.#addBlock(view.getUint32(2), open(key, value))
    else if (key[1] === D) this.#addChanges(view.getUint32(2), view.getUint32(6), key, value)
    else if (key[1] === J && view.getUint32(2) < this.head.growthRows) {
      if (view.getUint32(2) !== this.#growthRows++) throw damaged('a row of its growth is missing')
      replayGrowth(this.#state, openRow(key, value) ?? cutOff())
    }
  }

  /**
   * The state, once all rows were added.
   *
   * @param seal - the entry that stands in the log below the snapshot's size.
   * @param saltOf - the salt of an epoch's totals; undefined where it is not known, and they are not compared.
   * @throws SnapshotError where rows are missing or the roots are not those of the seal; FormatError.
   */
  finish(seal: Uint8Array, saltOf: (epoch: number) => Uint8Array | undefined): LedgerState {
    const { registry, accounts } = this.#state
    if (this.#growthRows !== this.head.growthRows) throw damaged('a row of its growth is missing')
    if (this.head.deltaParts.some((parts, i) => parts !== this.#parts[i])) throw damaged('changes are missing')
    if (registry.units.length !== this.#units.length || accounts.count !== this.#count)
      throw damaged('accounts or units are missing')
    this.#units.forEach(({ accounts: [treasury, expiredAccount], totals }, i) => {
      const [issued, opened, redeemed, expired, reinstated, reversed, owed] = totals.map(total => new Total(total))
      const made = { issued, opened, redeemed, expired, reinstated, reversed, owed }
      Object.assign(registry.units[i]!, { treasury, expiredAccount, ...made })
    })
    accounts.endRestore()
    if (!countCustody(this.#state)) throw damaged('an account names a custodian that is none')
    const claimed = decodeSeal(seal)
    this.#state.epoch = claimed.epoch
    const salt = saltOf(claimed.epoch)
    const sealed = this.#state.seal(claimed.time, salt ?? new Uint8Array(32))
    const made = salt === undefined ? { ...sealed, totalsRoot: claimed.totalsRoot } : sealed
    if (!equalBytes(encodeSeal(made), seal)) throw damaged('its result differs from the sealed one')
    this.#state.applySeal(made)
    return this.#state
  }

  #addBlock(block: number, from: Unpacker): void {
    const [number, count] = [from.u32(), from.u16()]
    const { firstDelta } = this.head
    if (number < firstDelta - 1 || number >= this.head.number || count > BLOCK_ACCOUNTS)
      throw damaged(`row ${block} of its base is of another snapshot`)
    this.#state.accounts.restore(block * BLOCK_ACCOUNTS, from.view(count * HOT_BYTES), from.view(count * COLD_BYTES))
    while (!from.isAtEnd) this.#addMore(from)
  }

  #addChanges(number: number, part: number, key: Uint8Array, value: Uint8Array): void {
    const { firstDelta, deltaParts } = this.head
    // What a crash left of a snapshot that never was, or of changes that are not needed any more.
    if (!(part < deltaParts[number - firstDelta]!)) return
    if (part !== this.#parts[number - firstDelta]!++) throw damaged('changes are missing')
    const { accounts } = this.#state
    const from = open(key, value)
    const kind = from.u8()
    while (!from.isAtEnd) {
      if (kind === CHANGED.more) this.#addMore(from)
      else if (kind === CHANGED.hot) accounts.restore(from.u32(), from.view(HOT_BYTES), undefined)
      else accounts.restoreCold(this.#known(from.u32()), from.view(COLD_BYTES))
    }
  }

  #addMore(from: Unpacker): void {
    const account = this.#known(from.u32())
    const more = unpackExtras(from)
    this.#state.accounts.restoreExtras(account, more)
    this.#state.budgets.restore(account, more.given)
  }

  #known(account: number): number {
    if (account >= this.#state.accounts.count) throw damaged('changes are missing')
    return account
  }
}

/** Counts the open accounts in the custody of each chain. Returns false where a custodian is none. */
function countCustody({ accounts, registry }: LedgerState): boolean {
  for (const [account, { custodian }] of accounts.custodies) {
    if (custodian === null) continue
    if (registry.chains.of(custodian) === undefined) return false
    if (accounts.status(account) !== CLOSED) registry.chains.count(custodian, 1)
  }
  return true
}

function open(key: Uint8Array, value: Uint8Array): Unpacker {
  return new Unpacker(openRow(key, value) ?? cutOff())
}

function cutOff(): never {
  throw damaged('a row is damaged')
}

function damaged(what: string): SnapshotError {
  return new SnapshotError(`The snapshot of the state does not hold: ${what}.`)
}
