import { equalBytes, fromBase64, toBase64 } from '../core/bytes.ts'
import { ID_BYTES, ID_RANDOM_BYTES, idTimeMs } from '../core/entry/id.ts'
import { ACCEPTED, ID_TAKEN, TIME_BEHIND } from '../core/entry/outcome.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import type { ShopDerivation } from './derivation.ts'
import { isDryRun, TriedOut } from './dry-run.ts'
import { type ActRole, adviceOn, conflict, GatewayError, refused } from './failure.ts'
import type { Memory, MemoryRow } from './memory.ts'
import type { Sender, SentOutcome } from './sender.ts'

/** What the memory has of a name: its last attempt. */
export interface LastAttempt {
  /** Time of its id. */
  readonly t: number
  /** The entry, base64. */
  readonly e: string
  /** Status, once it is known. */
  readonly s?: number
  /** Log index, and ledger time of its batch where that is known. */
  readonly x?: number
  readonly at?: number
  /** The account that it opened. */
  readonly n?: number
}

/** Something that a shop wants done once, under a name. */
export interface ShopAct {
  /** What kind of name it is, such as `earn`. */
  readonly scope: string
  /** Any text. */
  readonly name: string
  readonly role: ActRole
  /** Whose signature it takes besides. */
  readonly besides?: readonly ActRole[]
  /** What it is, for people, such as `Earning 50 points`. */
  readonly what: string
  /** The transaction, under an id and as of a time: always the same of the same. */
  readonly make: (id: Uint8Array, timeMs: number) => Transaction
  /** Whether one that was sent before under this name is what is asked for now; by default its bytes are the same. */
  readonly fits?: (before: Transaction) => boolean
  /** Fields that the settings of the shop decide, and not who asks: they may be others by now. */
  readonly settings?: readonly string[]
  /** What else is written down before it is sent. */
  readonly rows?: readonly MemoryRow[]
}

/** That it is done. */
export interface DoneAct {
  readonly transaction: Transaction
  readonly index: number
  /** Ledger time of its batch; where that is not known, that of its id. */
  readonly timeMs: number
  /** Whether it was done before. */
  readonly isRepeated: boolean
  /** The account that it opened. */
  readonly opened: number | undefined
}

/** What an order does once: it is its own key. */
const BY_ORDER: ReadonlySet<string> = new Set(['hold', 'capture', 'release'])

export interface AttemptsOptions {
  readonly memory: Memory
  readonly sender: Sender
  readonly derivation: ShopDerivation
  readonly nowMs: () => number
  /** Ids have times that are whole multiples of it, so that two gateways make the same at the same time. */
  readonly slotMs: number
  /** Reads what the ledger has of the shop and the memory has not: an id is taken, and nobody here knows by what. */
  readonly lookAgain: () => Promise<unknown>
}

/**
 * Does things once. An id is made of the name by HMAC, so the ledger takes it once; its time is written down before it
 * is sent, so that after a lost answer, or a crash, the same bytes go out again. Only what is proven to be refused is
 * tried under another id.
 */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #running = new Map<string, Promise<unknown>>()

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** Names that are being worked on. */
  get underway(): number {
    return this.#running.size
  }

  /** What was done under a name; undefined where nothing was, or it is not known. */
  async done(scope: string, name: string): Promise<DoneAct | undefined> {
    const attempt = await this.#options.memory.get<LastAttempt>('attempts', this.#options.derivation.mark(scope, name))
    return attempt?.s === ACCEPTED ? doneOf(attempt, decodeTransaction(fromBase64(attempt.e)), true) : undefined
  }

  /** The transaction of an id, hex, that the memory knows of. */
  async transaction(id: string): Promise<Transaction | undefined> {
    const attempt = await this.#options.memory.get<LastAttempt>('attempts', id.slice(2 * (ID_BYTES - ID_RANDOM_BYTES)))
    return attempt === undefined ? undefined : decodeTransaction(fromBase64(attempt.e))
  }

  /** The transaction that is, or may be, in the log under a name: one that was sent and not refused. */
  async standing(scope: string, name: string): Promise<Transaction | undefined> {
    const mark = this.#options.derivation.mark(scope, name)
    const attempt = await this.#options.memory.get<LastAttempt>('attempts', mark)
    if (attempt === undefined || (attempt.s !== undefined && attempt.s !== ACCEPTED)) return undefined
    return decodeTransaction(fromBase64(attempt.e))
  }

  /**
   * Does it, unless it was done; one after another where several ask under one name.
   *
   * @throws GatewayError with the outcome where it is refused; `key-reused` where the name was used for something else;
   * `unanswered` where nobody knows; TriedOut in a dry run, where it is not done yet.
   */
  async perform(act: ShopAct): Promise<DoneAct> {
    const mark = this.#options.derivation.mark(act.scope, act.name)
    const before = this.#running.get(mark)
    const run = (before ?? Promise.resolve()).then(
      () => this.#perform(act, mark),
      () => this.#perform(act, mark),
    )
    this.#running.set(mark, run)
    try {
      return await run
    } finally {
      if (this.#running.get(mark) === run) this.#running.delete(mark)
    }
  }

  async #perform(act: ShopAct, mark: string): Promise<DoneAct> {
    const { memory } = this.#options
    let last = await memory.get<LastAttempt>('attempts', mark)
    for (;;) {
      if (last !== undefined && (last.s === undefined || last.s === ACCEPTED)) {
        const entry = fromBase64(last.e)
        const transaction = this.#fitting(act, entry)
        if (last.s === ACCEPTED) return doneOf(last, transaction, true)
        if (isDryRun()) throw await this.#triedOut(act, transaction)
        last = await this.#send(act, mark, { t: last.t, e: last.e }, entry)
        if (last.s === ACCEPTED) return doneOf(last, transaction, true)
        // What comes too late was never done, and can be done now.
        if (last.s !== TIME_BEHIND) throw refused(last.s!, last.x!, act.what, act.role)
      }
      const t = this.#timeAfter(last)
      const transaction = act.make(this.#options.derivation.id(t, mark), t)
      const entry = encodeTransaction(transaction)
      if (isDryRun()) throw await this.#triedOut(act, transaction)
      const isFirst: boolean = last === undefined || last.s !== TIME_BEHIND
      last = await this.#send(act, mark, { t, e: toBase64(entry) }, entry)
      if (last.s === ACCEPTED) return doneOf(last, transaction, false)
      if (last.s === ID_TAKEN) {
        last = await this.#takenBy(mark, last)
        continue
      }
      if (last.s !== TIME_BEHIND || !isFirst) throw refused(last.s!, last.x!, act.what, act.role)
    }
  }

  /** What the ledger would say of an act. */
  async #triedOut({ role, besides = [] }: ShopAct, transaction: Transaction): Promise<TriedOut> {
    const outcome = await this.#options.sender.tryOut(encodeTransaction(transaction), [role, ...besides])
    const [retryable, detail] = adviceOn(outcome, role)
    const isFine = outcome === 'accepted'
    return new TriedOut({
      kind: transaction.kind,
      outcome,
      retryable: !isFine && retryable,
      detail: isFine ? undefined : detail,
    })
  }

  /**
   * What the id of an attempt was taken by, of which this memory did not know: an accepted one is in the accounts that
   * the ledger lists. One that was refused is in none, and another time makes another id.
   */
  async #takenBy(mark: string, taken: LastAttempt): Promise<LastAttempt> {
    const { memory, lookAgain } = this.#options
    await lookAgain()
    const found = await memory.get<LastAttempt>('attempts', mark)
    return found?.s === ACCEPTED ? found : taken
  }

  /** What was sent before under a name, if it is what is asked for. @throws GatewayError `key-reused`. */
  #fitting(act: ShopAct, entry: Uint8Array): Transaction {
    const before = decodeTransaction(entry)
    const made = () => {
      const again = act.make(before.id, idTimeMs(before.id))
      const kept = (act.settings ?? []).map(name => [name, (before as unknown as Record<string, unknown>)[name]])
      return { ...again, ...Object.fromEntries(kept) } as Transaction
    }
    if (act.fits?.(before) ?? equalBytes(encodeTransaction(made()), entry)) return before
    throw conflict(
      'key-reused',
      `${act.what}: something else was asked for under this ${BY_ORDER.has(act.scope) ? 'order' : 'key'} before. Take ` +
        'another, or send what was sent first.',
    )
  }

  /** The time of the next attempt: that of now, in slots, and after the last. */
  #timeAfter(last: LastAttempt | undefined): number {
    const { nowMs, slotMs } = this.#options
    const slot = Math.floor(nowMs() / slotMs) * slotMs
    return last === undefined ? slot : Math.max(slot, last.t + 1)
  }

  async #send(act: ShopAct, mark: string, attempt: LastAttempt, entry: Uint8Array): Promise<LastAttempt> {
    const { memory, sender } = this.#options
    const rows: readonly MemoryRow[] = [['attempts', mark, attempt], ...(act.rows ?? [])]
    const sent = await sender
      .send(entry, [act.role, ...(act.besides ?? [])], () => memory.write(rows, { sync: true }))
      .catch(unanswered)
    const known = settled(attempt, sent)
    // Where this is lost, the same bytes are sent again and bring the same.
    void memory.write([['attempts', mark, known]]).catch(() => {})
    return known
  }
}

function settled(attempt: LastAttempt, { status, index, ledgerTime, account }: SentOutcome): LastAttempt {
  const at = ledgerTime === undefined ? {} : { at: ledgerTime }
  return { ...attempt, s: status, x: index, ...at, ...(account === undefined ? {} : { n: account }) }
}

function doneOf({ t, x, at, n }: LastAttempt, transaction: Transaction, isRepeated: boolean): DoneAct {
  return { transaction, index: x!, timeMs: at ?? t, isRepeated, opened: n }
}

/** Nobody knows whether it was done: it is for the caller to ask again, under the same name. */
function unanswered(error: unknown): never {
  if (error instanceof GatewayError) throw error
  const { code = 'internal', message } = error as { code?: string; message: string }
  throw new GatewayError(
    'unanswered',
    `The ledger did not answer as it should (${code}: ${message}). Send the same again, under the same key: it counts ` +
      'once.',
    { status: 503, isRetryable: true },
  )
}
