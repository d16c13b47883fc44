import { utf8Encode } from '../core/bytes.ts'
import type { Carry } from './carry.ts'
import { ClientError, errorFrom } from './failure.ts'
import { boolean, int, type JsonReader, list, nullOr, object, readJson, text, uint } from './read-json.ts'
import { Wire } from './wire.ts'

/** What a client of a gateway is made with. */
export interface ShopClientOptions {
  /** Base URL of the gateway. */
  readonly url: string
  /** A key of `tally gateway key add`. */
  readonly key: string
  readonly retries?: number
  readonly pauseMs?: number
  readonly timeoutMs?: number
  readonly carry?: Carry
}

/** A gateway does not do what was asked: `code` is an outcome (SPEC §8), or a word of docs/gateway.md. */
export class ShopError extends ClientError {
  override readonly name = 'ShopError'
  /** Whether the same request can succeed later. */
  readonly retryable: boolean
  /** Log index of the transaction that the ledger refused; undefined where it refused none. */
  readonly entry: number | undefined
  readonly #receipt: () => Promise<Uint8Array | undefined>

  constructor(
    { code, message, status }: ClientError,
    more: { retryable: boolean; entry: number | undefined; receipt: () => Promise<Uint8Array | undefined> },
  ) {
    super(code, message, status)
    this.retryable = more.retryable
    this.entry = more.entry
    this.#receipt = more.receipt
  }

  /**
   * The proof of the refusal, once it is in a checkpoint, for `verifyReceipt`; undefined where nothing was refused by
   * the ledger.
   *
   * @throws ClientError `not-published` until then, after it was asked for again a few times.
   */
  receipt(): Promise<Uint8Array | undefined> {
    return this.#receipt()
  }
}

const TEXT_MAX = 4096
const PAGE_MAX = 1000
const word = text(TEXT_MAX)
const done = { entry: uint(), at: word, proof: word, repeated: boolean }

/** What was done with points of a member. */
export interface PointsAnswer {
  readonly member: string
  readonly unit: string
  readonly points: number
  /** The key under which it counts once. */
  readonly key: string
  readonly account: number
  /** Log index of its entry, when the ledger took it, and where its receipt is. */
  readonly entry: number
  readonly at: string
  readonly proof: string
  /** Whether it was done before, under the same key. */
  readonly repeated: boolean
}

/** What was done for an order. */
export interface OrderAnswer {
  readonly order: string
  readonly state: string
  readonly member: string
  readonly unit: string
  readonly points: number
  readonly entry: number
  readonly at: string
  readonly proof: string
  readonly repeated: boolean
}

/** What a member has in a unit. */
export interface BalanceAnswer {
  readonly account: number
  readonly status: string
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly expiring: readonly { readonly at: string; readonly points: number }[]
}

/** Two ids of one person, by the unit. */
export interface MergeAnswer {
  readonly id: string
  /** The member who stands for both. */
  readonly into: string
  readonly units: readonly {
    readonly unit: string
    readonly account: number
    readonly into: number
    readonly points: number
    /** Points that did not come back, as they were spent. */
    readonly short: number
    readonly entry: number | null
  }[]
}

/** One entry of a member's account. */
export interface MovementAnswer {
  readonly number: number
  readonly entry: number
  readonly at: string
  readonly kind: string
  readonly points: number
  readonly balance: number
  readonly rule: string | null
  readonly order: string | null
  readonly reason: string | null
  readonly proof: string
}

const readPoints: JsonReader<PointsAnswer> = object({
  ...{ member: word, unit: word, points: int, key: word, account: uint() },
  ...done,
})
const readOrder: JsonReader<OrderAnswer> = object({
  ...{ order: word, state: word, member: word, unit: word, points: uint() },
  ...done,
})
const readBalance: JsonReader<BalanceAnswer> = object({
  ...{ account: uint(), status: word, balance: int, available: int, pending: uint(), held: uint() },
  expiring: list(object({ at: word, points: uint() }), PAGE_MAX),
})
const readQuote = object({ available: uint(), points: uint() })
const readOpened = object({ id: word, unit: word, account: uint() })
const readMerge: JsonReader<MergeAnswer> = object({
  ...{ id: word, into: word },
  units: list(
    object({ unit: word, account: uint(), into: uint(), points: uint(), short: uint(), entry: nullOr(uint()) }),
    PAGE_MAX,
  ),
})
const readMovements = object({
  movements: list<MovementAnswer>(
    object({
      ...{ number: uint(), entry: uint(), at: word, kind: word, points: int, balance: int },
      ...{ rule: nullOr(word), order: nullOr(word), reason: nullOr(word), proof: word },
    }),
    PAGE_MAX,
  ),
  next: nullOr(word),
})
const readUnits: JsonReader<{ readonly units: Readonly<Record<string, BalanceAnswer>> }> = object({
  units: (value, at) => {
    const entries = Object.entries(object({})(value, at) && (value as object))
    return Object.fromEntries(entries.map(([name, one]) => [name, readBalance(one, `${at}/${name}`)]))
  },
})

/** What a gateway is asked with, beside the path. */
interface ShopRequest {
  readonly body?: object
  readonly method?: string
}

/**
 * A client of a shop's gateway: plain JSON over HTTP, for Node and browsers. A request that got no answer is sent again
 * under the same key, so it counts once.
 *
 * @example
 * const shop = new ShopClient({ url: 'http://127.0.0.1:8080', key })
 * await shop.members.earn('cust_8842', { points: 50, once: 'visit-1' })
 */
export class ShopClient {
  readonly members: ShopMembers
  readonly orders: ShopOrders

  constructor(options: ShopClientOptions) {
    const wire = new Wire(options)
    const headers = { authorization: `Bearer ${options.key}`, accept: 'application/json' }
    const receiptOf = (path: string) => wire.bytes(path, { headers, maxBytes: 1024 * 1024 })
    const errorOf = (url: string, status: number, bytes: Uint8Array) => shopErrorFrom(url, status, bytes, receiptOf)
    const ask = <T>(path: string, read: JsonReader<T>, { body, method }: ShopRequest = {}): Promise<T> =>
      wire.json(path, read, {
        errorOf,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: utf8Encode(JSON.stringify(body)) }),
        ...(method === undefined ? {} : { method }),
      })
    this.members = new ShopMembers(ask)
    this.orders = new ShopOrders(ask)
  }
}

type AskShop = <T>(path: string, read: JsonReader<T>, asking?: ShopRequest) => Promise<T>

/** The members of a shop. Each call throws a `ShopError` where it is refused. */
class ShopMembers {
  readonly #ask: AskShop

  constructor(ask: AskShop) {
    this.#ask = ask
  }

  /** Opens a member an account, or says which she has. */
  open(member: string, options: { readonly unit?: string; readonly owner?: string } = {}) {
    return this.#ask(pathOf('members', member), readOpened, { method: 'PUT', body: options })
  }

  /** What a member has, by the name of the unit. */
  async get(member: string): Promise<Readonly<Record<string, BalanceAnswer>>> {
    return (await this.#ask(pathOf('members', member), readUnits)).units
  }

  /**
   * Gives a member points, and opens her an account where she has none.
   *
   * @param what - `once`: any text, under which it counts once, for ever; by default one that is drawn, so that this
   * call counts once.
   */
  earn(
    member: string,
    {
      once = crypto.randomUUID(),
      ...what
    }: Once & { points: number; order?: string; reason?: string; rule?: string; unit?: string },
  ): Promise<PointsAnswer> {
    return this.#ask('/v1/earn', readPoints, { body: { member, ...what, id: once } })
  }

  /** Corrects what a member has: points above 0 are given, below 0 taken. */
  adjust(
    member: string,
    { once = crypto.randomUUID(), ...what }: Once & { points: number; reason: string; unit?: string },
  ): Promise<PointsAnswer> {
    return this.#ask(`${pathOf('members', member)}/adjust`, readPoints, { body: { ...what, id: once } })
  }

  /** Merges a member into another who is the same person: all her points move, and the old id finds the other. */
  merge(member: string, into: string): Promise<MergeAnswer> {
    return this.#ask(`${pathOf('members', member)}/merge`, readMerge, { body: { into } })
  }

  /** Undoes the merge of a member, as far as her points are still there. */
  undoMerge(member: string): Promise<MergeAnswer> {
    return this.#ask(`${pathOf('members', member)}/merge`, readMerge, { method: 'DELETE' })
  }

  /** What happened to the points of a member, the newest first, as far back as it is read. */
  async *movements(member: string, filter: Readonly<Record<string, string>> = {}): AsyncGenerator<MovementAnswer> {
    const query = new URLSearchParams({ limit: '100', ...filter })
    for (;;) {
      const page = await this.#ask(`${pathOf('members', member)}/movements?${query}`, readMovements)
      yield* page.movements
      if (page.next === null) return
      query.set('cursor', page.next)
    }
  }
}

/** Points as a payment. The order is the key: what is asked again counts once. */
class ShopOrders {
  readonly #ask: AskShop

  constructor(ask: AskShop) {
    this.#ask = ask
  }

  /** How many points a member can spend on an order of so many cents. */
  quote(order: string, what: { member: string; total?: number; unit?: string }) {
    return this.#ask(`${pathOf('orders', order)}/quote`, readQuote, { body: what })
  }

  /** Sets points aside. @param what - `for`: how long, such as `30m`. */
  hold(
    order: string,
    what: { member: string; points: number; total?: number; for?: string; unit?: string },
  ): Promise<OrderAnswer> {
    return this.#ask(`${pathOf('orders', order)}/hold`, readOrder, { body: what })
  }

  /** Takes what is held, all or a part; the rest goes back. */
  capture(order: string, what: { points?: number } = {}): Promise<OrderAnswer> {
    return this.#ask(`${pathOf('orders', order)}/capture`, readOrder, { body: what })
  }

  /** Gives back what is held. */
  release(order: string): Promise<OrderAnswer> {
    return this.#ask(`${pathOf('orders', order)}/release`, readOrder, { body: {} })
  }

  /** Gives back what was captured, all or a part. @param what - `once`: which refund of the order it is. */
  refund(order: string, { once, ...what }: Once & { points?: number; reason?: string } = {}): Promise<OrderAnswer> {
    const id = once === undefined ? {} : { id: once }
    return this.#ask(`${pathOf('orders', order)}/refund`, readOrder, { body: { ...what, ...id } })
  }
}

/** Any text under which something counts once. */
interface Once {
  readonly once?: string
}

function pathOf(what: 'members' | 'orders', id: string): string {
  return `/v1/${what}/${encodeURIComponent(id)}`
}

/** @param bytes - untrusted. */
function shopErrorFrom(
  url: string,
  status: number,
  bytes: Uint8Array,
  receiptOf: (path: string) => Promise<Uint8Array>,
): ClientError {
  const error = errorFrom(url, status, bytes)
  if (error.code === 'http') return error
  const { retryable, entry } = problemOf(bytes)
  const receipt = async () => (entry === undefined ? undefined : receiptOf(`/v1/proofs/${entry}`))
  return new ShopError(error, { retryable: retryable ?? false, entry, receipt })
}

function problemOf(bytes: Uint8Array): { retryable?: boolean; entry?: number } {
  try {
    const value = readJson(bytes, (value: unknown) => value) as Record<string, unknown>
    return {
      ...(typeof value['retryable'] === 'boolean' ? { retryable: value['retryable'] } : {}),
      ...(Number.isSafeInteger(value['entry']) ? { entry: value['entry'] as number } : {}),
    }
  } catch {
    return {}
  }
}
