import { readAs, type TallyClient } from '../client/index.ts'
import { fromBase64, toHex } from '../core/bytes.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import type { Shop } from '../files/shop-file.ts'
import type { ShopDerivation } from './derivation.ts'
import type { Histories } from './histories.ts'
import { type AccountOwner, keyOf } from './members.ts'
import { type Memory, type MemoryRow, ordered } from './memory.ts'

/** Accounts of a page, and how many are read at once. */
const PAGE = 1000
const AT_ONCE = 8
/** How old what was followed may be, for those who ask what expires. */
const FRESH_MS = 1000

const pageReader = readAs.object({
  accounts: readAs.list(
    readAs.object({ number: readAs.uint(), kind: readAs.text(32), unit: readAs.text(64), entries: readAs.uint() }),
    PAGE,
  ),
  next: readAs.nullOr(readAs.uint()),
})

/** What a rebuild made again. */
export interface Rebuilt {
  /** Accounts in the custody of the shop, and their entries that were read. */
  readonly accounts: number
  /** Ids that were given, and of these those that have an account. */
  readonly ids: number
  readonly members: number
  /** Accounts of which nobody knows the id. */
  readonly nameless: number
  /** Ids that stand for another, as their accounts were merged; and those of which nobody knows the other's id. */
  readonly merged: number
  readonly heirless: number
}

export interface FollowerOptions {
  readonly shop: Shop
  readonly memory: Memory
  /** Calls with the custodian's key, which reads what is in its custody. */
  readonly client: TallyClient
  readonly derivation: ShopDerivation
  readonly histories: Histories
  readonly nowMs: () => number
}

/** Brings the memory to where the ledger is: of all accounts in the shop's custody. */
export class MemoryFollower {
  readonly #options: FollowerOptions
  #running: Promise<number> | undefined
  #followedMs = Number.NEGATIVE_INFINITY

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** Reads what is new of all accounts, unless that was done just now. Returns how many there are. */
  follow({ isForced = false }: { readonly isForced?: boolean } = {}): Promise<number> {
    const { nowMs } = this.#options
    if (!isForced && nowMs() - this.#followedMs < FRESH_MS) return this.#running ?? Promise.resolve(0)
    const beganMs = nowMs()
    this.#running ??= this.#follow(beganMs).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /**
   * Makes the memory again: entries of all accounts from the ledger, and who they are of from the shop's list of ids,
   * each of which makes a reference.
   */
  async rebuild(ids: AsyncIterable<string> | Iterable<string>): Promise<Rebuilt> {
    const { memory, shop, derivation } = this.#options
    const accounts = await this.follow({ isForced: true })
    const byRef = new Map<string, number>()
    for (const [, { e, n }] of await memory.list<{ e: string; n?: number }>('attempts'))
      if (n !== undefined) {
        const ref = refIn(e)
        if (ref !== undefined) byRef.set(ref, n)
      }
    let [count, members] = [0, 0]
    let rows: MemoryRow[] = []
    for await (const member of ids) {
      if (member === '' || (await memory.get('erased', derivation.mark('erased', member))) !== undefined) continue
      count++
      let isFound = false
      for (const { record } of shop.units) {
        const account = byRef.get(`${record} ${toHex(derivation.ref(record, member))}`)
        if (account === undefined) continue
        isFound = true
        rows.push(['members', keyOf(member, record), account])
        rows.push(['accounts', ordered(account), { member, unit: record } satisfies AccountOwner])
      }
      if (isFound) members++
      if (rows.length < PAGE) continue
      await memory.write(rows)
      rows = []
    }
    await memory.write(rows, { sync: true })
    const named = new Set((await memory.list('accounts')).map(([key]) => key))
    const merged = (await memory.list<number>('merged')).filter(([account]) => named.has(account))
    const heirless = merged.filter(([, into]) => !named.has(ordered(into))).length
    const nameless = accounts - named.size
    return { accounts, ids: count, members, nameless, merged: merged.length - heirless, heirless }
  }

  async #follow(beganMs: number): Promise<number> {
    const { client, histories, shop } = this.#options
    const units = new Map(shop.units.map(unit => [unit.name, unit.record]))
    let [count, after] = [0, -1]
    for (;;) {
      const { accounts, next } = await client.read(`/v1/accounts?after=${after}&limit=${PAGE}`, pageReader)
      const ours = accounts.filter(({ kind, unit }) => kind === 'member' && units.has(unit))
      count += ours.length
      for (let at = 0; at < ours.length; at += AT_ONCE)
        await Promise.all(
          ours
            .slice(at, at + AT_ONCE)
            .map(({ number, unit, entries }) => histories.follow(number, units.get(unit)!, entries)),
        )
      if (next === null) {
        this.#followedMs = beganMs
        return count
      }
      after = next
    }
  }
}

/** Unit and reference of an opening, base64, as a key of a map. */
function refIn(entry: string): string | undefined {
  const transaction = decodeTransaction(fromBase64(entry))
  if (transaction.kind !== 'open-account' || transaction.ref === null) return undefined
  return `${transaction.unit} ${toHex(transaction.ref)}`
}
