import { type SigningKey, type TallyClient, tryBatch } from '../client/index.ts'
import { untilSealed } from '../client/until-sealed.ts'
import { decodeBatch } from '../core/entry/batch.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { ShopRole } from '../files/shop-file.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'
import { type ActRole, conflict } from './failure.ts'

/** What became of a transaction that was sent. */
export interface SentOutcome {
  /** Its status (SPEC §8): of what was in the log before, the first one. */
  readonly status: number
  /** Its log index. */
  readonly index: number
  /** Ledger time of its batch; undefined where it was in the log before. */
  readonly ledgerTime: number | undefined
  /** The account that it opened. */
  readonly account: number | undefined
}

interface WaitingEntry {
  readonly entry: Uint8Array
  readonly roles: readonly ActRole[]
  readonly before: () => Promise<void>
  readonly resolve: (sent: SentOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Transactions of one batch at most: what is above waits for the next, which is soon. */
const BATCH_MAX = 2000
/** Batches on their way at once: one is gathered while the ledger works on others. */
const UNDERWAY_MAX = 2

export interface SenderOptions {
  readonly client: TallyClient
  readonly keys: Readonly<Record<ShopRole, SigningKey>>
  /** The key of the treasurer of the ledger, where the gateway has it. */
  readonly treasurer?: SigningKey | undefined
}

/**
 * Gathers transactions that come one by one into batches, each signed by those of the shop's keys that it needs. One
 * that comes alone is sent at once; of many, those wait that come while others are on their way. Every answer is
 * verified under the policy (SPEC §11, "Clients").
 */
export class Sender {
  readonly #options: SenderOptions
  #waiting: WaitingEntry[] = []
  #underway = 0
  #isDue = false
  #idle: (() => void)[] = []

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /**
   * Sends a transaction with others that come at the same time.
   *
   * @param roles - whose signatures it takes.
   * @param before - what has to be done before the ledger may have it, such as a note on the disk.
   * @throws ClientError `unreachable` and others, AnswerError: then it may be in the log or not, and the same bytes can
   * be sent again; what `before` throws.
   */
  send(
    entry: Uint8Array,
    roles: readonly ActRole[],
    before: () => Promise<void> = async () => {},
  ): Promise<SentOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, roles, before, resolve, reject })
      this.#look()
    })
  }

  /**
   * What the ledger would say of a transaction that these sign: its outcome, or the code by which it would refuse the
   * batch. Nothing is signed.
   *
   * @throws ClientError.
   */
  async tryOut(entry: Uint8Array, roles: readonly ActRole[]): Promise<string> {
    const { client, keys } = this.#options
    const holders = roles.map(role => this.keyOf(role).holder)
    const { refused, outcomes } = await tryBatch(client.as(keys.registrar), holders, [entry])
    return refused ?? outcomes[0] ?? 'accepted'
  }

  /** The key of a role. @throws GatewayError `treasurer-missing` where the gateway has none. */
  keyOf(role: ActRole): SigningKey {
    const { keys, treasurer } = this.#options
    if (role !== 'treasurer') return keys[role]
    if (treasurer === undefined)
      throw conflict(
        'treasurer-missing',
        'The gateway does not have the key of the treasurer. Start it with --treasurer FILE, or use `tally budget fund`.',
      )
    return treasurer
  }

  /** Resolves when nothing is on its way. */
  idle(): Promise<void> {
    if (this.#underway === 0 && this.#waiting.length === 0) return Promise.resolve()
    return new Promise(resolve => this.#idle.push(resolve))
  }

  #look(): void {
    if (this.#isDue || this.#underway >= UNDERWAY_MAX || this.#waiting.length === 0) return
    this.#isDue = true
    // What came with the same turn of the loop goes into the same batch.
    setImmediate(() => {
      this.#isDue = false
      const batch = this.#waiting.splice(0, BATCH_MAX)
      this.#underway++
      void this.#submit(batch).finally(() => {
        this.#underway--
        this.#look()
        if (this.#underway === 0 && this.#waiting.length === 0) for (const resolve of this.#idle.splice(0)) resolve()
      })
      this.#look()
    })
  }

  async #submit(batch: readonly WaitingEntry[]): Promise<void> {
    try {
      await Promise.all(batch.map(({ before }) => before()))
      const sent = await this.#answer(batch)
      batch.forEach(({ resolve }, position) => {
        resolve(sent[position]!)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async #answer(batch: readonly WaitingEntry[]): Promise<SentOutcome[]> {
    const { client } = this.#options
    const signers = [...new Set(batch.flatMap(({ roles }) => roles))].map(role => this.keyOf(role))
    const answer = await client.submit(
      batch.map(({ entry }) => entry),
      signers,
    )
    const { statuses, accounts, kept, unproven, index } = answer
    const [indexes, opened] = [logIndexesOf(answer), new Map(accounts)]
    await this.#prove(
      batch,
      unproven.filter(position => statuses[position] !== ACCEPTED),
      statuses,
      indexes,
    )
    const known = new Set(answer.existed.map(([position]) => position))
    const timeMs = index === null || kept === null ? undefined : decodeBatch(kept.batch).time
    return batch.map((_, position) => ({
      status: statuses[position]!,
      index: indexes[position]!,
      ledgerTime: known.has(position) ? undefined : timeMs,
      account: opened.get(position),
    }))
  }

  /**
   * Has proven what the ledger says was refused before: by its receipt, when it is in a checkpoint. A refusal that was
   * none would have the same paid once more.
   */
  async #prove(
    batch: readonly WaitingEntry[],
    positions: readonly number[],
    statuses: Uint8Array,
    indexes: readonly number[],
  ): Promise<void> {
    if (positions.length === 0) return
    const { client, keys } = this.#options
    await untilSealed(client, AbortSignal.timeout(client.options.timeoutMs ?? 30_000))
    const caller = client.as(keys.registrar)
    for (const position of positions)
      statuses[position] = await caller.outcomeAt(indexes[position]!, batch[position]!.entry)
  }
}
