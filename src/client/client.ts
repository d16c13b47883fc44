import { fromBase64, fromHex, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { transactionsFrom } from '../core/entry/batch.ts'
import { encodeSubmission } from '../core/entry/submission.ts'
import { decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { FormatError } from '../core/failure.ts'
import { formatTilePath, type TileAddress } from '../core/tree/tile.ts'
import { type BatchAnswer, decodeAnswer } from '../verify/batch-answer.ts'
import { type Carried, type Carry, carryByFetch } from './carry.ts'
import { batchErrorFrom, ClientError, errorFrom } from './failure.ts'
import { type SigningKey, signBatch } from './key.ts'
import { makeToken } from './token.ts'

/** What a ledger says of itself (`GET /v1/ledger`). */
export interface LedgerInfo {
  readonly origin: string
  readonly ledgerId: Uint8Array
  readonly logKey: string
  readonly size: number
  readonly time: number
  readonly skewMs: number
  readonly promiseMs: number
  readonly units: readonly {
    readonly name: string
    readonly record: number
    readonly treasury: number | null
    /** Leaf hash of what defines it, hex: openings name it. */
    readonly terms: string
  }[]
}

/** A record of the registry, as `GET /v1/registry` lists it. */
export interface ListedRecord {
  readonly number: number
  readonly transaction: Transaction
  readonly from: number
  readonly until: number
}

/** An account, as `GET /v1/accounts/{n}` shows it. */
export interface ListedAccount {
  readonly number: number
  readonly kind: string
  readonly unit: string
  readonly status: 'open' | 'frozen' | 'closed'
  /** Who may act for it: the owner's public key, hex; the record whose chain has the custody; the terms of recovery. */
  readonly owner: string | null
  readonly custodian: number | null
  readonly recovery: { readonly keys: readonly string[]; readonly need: number; readonly delayMs: number } | null
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly overdue: number
  readonly expiringNext: { readonly amount: number; readonly at: number } | null
  readonly holds: readonly {
    readonly id: string
    readonly amount: number
    readonly credit: number
    readonly until: number
  }[]
  readonly consents: readonly { readonly id: string; readonly to: number; readonly until: number | null }[]
  readonly entries: number
  readonly sealed: { readonly balance: number; readonly entries: number; readonly size: number } | null
}

export interface ClientOptions {
  /** Base URL of the ledger. */
  readonly url: string
  /** The key that calls for private data are made with. */
  readonly caller?: SigningKey
  /** How often a request that got no answer, or 429 or 503, is made again: 4. A batch keeps its bytes, so it counts once. */
  readonly retries?: number
  /** First pause before another try; each is twice the last. */
  readonly pauseMs?: number
  /** Longest wait for one answer. */
  readonly timeoutMs?: number
  /** What brings a request to its answer; by default `fetch`. */
  readonly carry?: Carry
}

/** Where batches go: what the ledger refuses there it may have signed. */
const BATCHES = '/v1/batches'
/** Tokens are made anew this long before they expire. */
const TOKEN_MS = 240_000

/** A ledger over HTTP: builds, signs, submits, reads. Runs in Node and in browsers. */
export class TallyClient {
  readonly #options: ClientOptions
  readonly #base: string
  #ledger: Promise<LedgerInfo> | undefined
  readonly #tokens = new Map<string, { token: Promise<string>; madeMs: number }>()

  constructor(options: ClientOptions) {
    this.#options = options
    this.#base = options.url.replace(/\/+$/, '')
  }

  /** What it was made with, the caller's key included: for another of the same. */
  get options(): ClientOptions {
    return this.#options
  }

  /** What the ledger says of itself; asked once, so that `size` and `time` are of then. */
  ledger(): Promise<LedgerInfo> {
    this.#ledger ??= this.#readLedger().catch(error => {
      this.#ledger = undefined
      throw error
    })
    return this.#ledger
  }

  async #readLedger(): Promise<LedgerInfo> {
    const info = await this.#json<Omit<LedgerInfo, 'ledgerId'> & { ledgerId: string }>('/v1/ledger')
    return { ...info, ledgerId: fromHex(info.ledgerId, 32) }
  }

  /** The latest checkpoint, a signed note. */
  checkpoint(): Promise<Uint8Array> {
    return this.#bytes('/checkpoint')
  }

  /** The policy that the ledger proposes. Trust it only where you have it from someone you trust. */
  policy(): Promise<Uint8Array> {
    return this.#bytes('/policy')
  }

  /** A tile of hashes or an entry bundle. */
  async tile(address: TileAddress): Promise<Uint8Array> {
    const headers = address.level === 'entries' ? await this.#authorization('ledger') : {}
    return this.#bytes(`/${formatTilePath(address)}`, headers)
  }

  /** Salts of the totals from epoch `from` on, at most `count`. */
  async salts(from: number, count: number): Promise<Uint8Array[]> {
    return (await this.signedSalts(from, count)).salts
  }

  /** Those salts, and what is to be the log's signature of them (SPEC §11): undefined where the ledger gives none. */
  async signedSalts(
    from: number,
    count: number,
  ): Promise<{ readonly salts: Uint8Array[]; readonly signature?: Uint8Array }> {
    const query = `/v1/salts?from=${from}&count=${count}`
    const { salts, signature } = await this.#json<{ salts: string[]; signature?: string }>(
      query,
      await this.#authorization('ledger'),
    )
    const list = salts.map(salt => fromHex(salt, 32))
    return signature === undefined ? { salts: list } : { salts: list, signature: fromBase64(signature) }
  }

  /** All records of the registry. */
  async registry(): Promise<ListedRecord[]> {
    const records: ListedRecord[] = []
    for (let after = -1; ; ) {
      const page = await this.#json<{ records: { number: number; entry: string; from: number; until: number }[] }>(
        `/v1/registry?after=${after}`,
      )
      if (page.records.length === 0) return records
      for (const { number, entry, from, until } of page.records)
        records.push({ number, transaction: decodeTransaction(fromBase64(entry)), from, until })
      after = records.at(-1)!.number
    }
  }

  /** An account, now and as of the last checkpoint; or as of the first `size` entries of the log. */
  async account(number: number, size?: number): Promise<ListedAccount> {
    const query = size === undefined ? '' : `?size=${size}`
    return this.#json(`/v1/accounts/${number}${query}`, await this.#authorization(this.#subjectOf(number)))
  }

  /**
   * Private data of one account, or, without a number, of the ledger: whatever `path` names (SPEC §11), as parsed JSON.
   *
   * @param path - such as `/v1/budgets?after=3`.
   */
  async read<T>(path: string, account?: number): Promise<T> {
    return this.#json(
      path,
      await this.#authorization(account === undefined ? this.#ownSubject() : this.#subjectOf(account)),
    )
  }

  /** Keeps details off the log and returns their commitment, hex. */
  async keepDetails(account: number, text: string): Promise<{ readonly commitment: string; readonly salt: string }> {
    const headers = { ...(await this.#authorization('ledger')), 'content-type': 'application/json' }
    const body = utf8Encode(JSON.stringify({ account, text }))
    return JSON.parse(utf8Decode(await this.#bytes('/v1/details', headers, body))) as {
      commitment: string
      salt: string
    }
  }

  /** Erases what stands behind a commitment, hex; returns the log index of the entry that says so. */
  async eraseDetails(commitment: string): Promise<number> {
    const headers = await this.#authorization(this.#ownSubject())
    const answer = await this.#bytes(`/v1/details/${commitment}`, headers, undefined, 'DELETE')
    return (JSON.parse(utf8Decode(answer)) as { index: number }).index
  }

  /** The statement of an account. */
  async statement(number: number, options: { since?: number; allSignatures?: boolean } = {}): Promise<Uint8Array> {
    const query = new URLSearchParams()
    if (options.since !== undefined) query.set('since', String(options.since))
    if (options.allSignatures) query.set('signatures', 'all')
    const headers = await this.#authorization(this.#subjectOf(number))
    return this.#bytes(`/v1/accounts/${number}/statement?${query}`, headers)
  }

  /** The receipt of an entry. */
  async receipt(index: number): Promise<Uint8Array> {
    return this.#bytes(`/v1/receipts/${index}`, await this.#authorization(this.#ownSubject()))
  }

  /**
   * Signs transactions as one batch and submits it; resolves when they are durable, or, with `wait: 'sealed'`, when they
   * are in a checkpoint. After a lost answer the same bytes are sent again: their ids make them count once.
   *
   * @throws BatchRefusedError with the refusal file, where the ledger refuses the batch whole; ClientError.
   */
  async submit(
    transactions: readonly Uint8Array[],
    keys: readonly SigningKey[],
    options: { wait?: 'sealed' } = {},
  ): Promise<BatchAnswer> {
    const { ledgerId } = await this.ledger()
    const body = encodeSubmission(signBatch(keys, ledgerId, transactionsFrom(transactions)), transactions)
    const path = options.wait === 'sealed' ? `${BATCHES}?wait=sealed` : BATCHES
    return decodeAnswer(
      await this.#bytes(path, { 'content-type': 'application/cbor', accept: 'application/cbor' }, body),
    )
  }

  #ownSubject(): string {
    const holder = this.#options.caller?.holder
    return holder !== undefined && 'account' in holder ? this.#subjectOf(holder.account) : 'ledger'
  }

  /** What a token for one account is about: an owner's for that account, a registry key's for all that it may read. */
  #subjectOf(account: number): string {
    const holder = this.#options.caller?.holder
    return holder !== undefined && 'account' in holder ? `account/${account}` : 'ledger'
  }

  async #authorization(subject: string): Promise<Record<string, string>> {
    const { caller } = this.#options
    if (caller === undefined) return {}
    let kept = this.#tokens.get(subject)
    if (kept === undefined || Date.now() - kept.madeMs > TOKEN_MS) {
      const { ledgerId } = await this.ledger()
      kept = { token: makeToken(caller, ledgerId, subject), madeMs: Date.now() }
      this.#tokens.set(subject, kept)
    }
    return { authorization: `Bearer ${await kept.token}` }
  }

  async #json<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
    const bytes = await this.#bytes(path, { accept: 'application/json', ...headers })
    try {
      return JSON.parse(utf8Decode(bytes)) as T
    } catch (error) {
      throw new FormatError('answer', `the answer of ${this.#base}${path} is not JSON`, { cause: error })
    }
  }

  async #bytes(
    path: string,
    headers: Record<string, string> = {},
    body?: Uint8Array,
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<Uint8Array> {
    const { retries = 4, pauseMs = 200 } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(path, headers, body, method)
      } catch (error) {
        const again =
          error instanceof ClientError && [0, 429, 503].includes(error.status) && error.code !== 'ledger-stopped'
        if (!again || attempt >= retries) throw error
        await new Promise(resolve => setTimeout(resolve, pauseMs * 2 ** attempt))
      }
    }
  }

  async #once(
    path: string,
    headers: Record<string, string>,
    body: Uint8Array | undefined,
    method: string,
  ): Promise<Uint8Array> {
    const url = `${this.#base}${path}`
    const { carry = carryByFetch, timeoutMs = 30_000 } = this.#options
    let answer: Carried
    try {
      answer = await carry({ url, method, headers, timeoutMs, ...(body === undefined ? {} : { body }) })
    } catch (error) {
      const cause = (error as Error).cause
      const detail = cause instanceof Error ? cause.message : (error as Error).message
      throw new ClientError('unreachable', `${this.#base} does not answer: ${detail}`, 0, { cause: error })
    }
    const { status, bytes } = answer
    if (status >= 200 && status < 300) return bytes
    throw path.startsWith(BATCHES) ? batchErrorFrom(url, status, bytes, body!) : errorFrom(url, status, bytes)
  }
}
