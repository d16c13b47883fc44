import { equalBytes, toBase64, toHex } from '../core/bytes.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import { engine } from '../core/crypto/engine.ts'
import { NO_GROUPS } from '../core/entry/batch.ts'
import type { Group } from '../core/entry/group.ts'
import { check, FormatError, VerifyError } from '../core/failure.ts'
import { ENTRY_BYTES_MAX, RULE_BYTES_MAX, SEALED_BYTES_MAX, UNSIGNED_BODY_BYTES_MAX } from '../core/limits.ts'
import { NOTE_BYTES_MAX } from '../core/note/note.ts'
import { openCheckpoint } from '../core/note/policy.ts'
import { openSigned } from '../core/note/signed.ts'
import { BUNDLE_ENTRIES, formatTilePath, type TileAddress } from '../core/tree/tile.ts'
import { type BatchAnswer, decodeAnswer } from '../verify/batch-answer.ts'
import type { Exhibits } from '../verify/evidence/evidence-file.ts'
import { GENESIS_INDEX, type LedgerIdentity } from '../verify/identity.ts'
import { PAGE_BYTES_MAX } from '../verify/page.ts'
import { type PromiseFile, saltsMessage } from '../verify/promise.ts'
import { checkReceipt, parseReceipt, verifyReceipt } from '../verify/receipt.ts'
import { verifyAnswer } from '../verify/verify-answer.ts'
import {
  type LedgerInfo,
  type ListedAccount,
  type RegistryPage,
  readAccount,
  readIndex,
  readKeptDetails,
  readLedger,
  readRegistryPage,
  readSalts,
  SALTS_MAX,
} from './answers.ts'
import { ARCHIVE_BYTES_MAX, TOTALS_BYTES_MAX } from './archive.ts'
import { noteText, promiseText, receiptShown } from './exhibits.ts'
import { failedPromise } from './failed-promise.ts'
import { AnswerError, absent, batchErrorFrom } from './failure.ts'
import { identityOf } from './identify.ts'
import { type SigningKey, signSubmission } from './key.ts'
import type { ClientOptions } from './options.ts'
import type { ProvenAnswer } from './proven-answer.ts'
import type { Json, JsonReader } from './read-json.ts'
import { isKeyOf, type ListedRecord, listed, provenRegistry, rowsOf } from './registry.ts'
import { type StatementQuery, statementPath } from './statements.ts'
import { tilesOf } from './tiles.ts'
import { subjectOf, Tokens, widestSubject } from './tokens.ts'
import { Wire, withJson } from './wire.ts'

/** Where batches go: what the ledger refuses there it may have signed. */
const BATCHES = '/v1/batches'
/** How often a checkpoint is asked for that is cosigned as the policy wants it. */
const EVERY_MS = 200

const TILE_BYTES_MAX = 32 * BUNDLE_ENTRIES
const BUNDLE_BYTES_MAX = BUNDLE_ENTRIES * (2 + ENTRY_BYTES_MAX)
const RECEIPT_BYTES_MAX = 512 * 1024
/** Bytes of the longest answer to a batch: 8,192 outcomes, two numbers each, a promise, a checkpoint. */
const ANSWER_BYTES_MAX = 1024 * 1024

/** Clients of one ledger verify it once. */
type SharedIdentity = { identity: Promise<LedgerIdentity> | undefined; size: number }

/**
 * A ledger over HTTP: builds, signs, submits, reads. Believes nothing that it can check: which ledger it is, before a
 * key signs or a token is made; the registry; and what is answered to a batch, before it is returned. Runs in Node and
 * in browsers.
 */
export class TallyClient {
  readonly #options: ClientOptions
  readonly #wire: Wire
  /** Of all clients of this ledger that were made of each other. */
  readonly #known: SharedIdentity
  readonly #tokens = new Tokens()

  /** @param known - what `as` hands on. */
  constructor(options: ClientOptions, known: SharedIdentity = { identity: undefined, size: 0 }) {
    this.#options = options
    this.#wire = new Wire(options)
    this.#known = known
  }

  /** What it was made with, the caller's key included: for another of the same. */
  get options(): ClientOptions {
    return this.#options
  }

  /** A client of the same ledger, verified once for both, that calls with another key. */
  as(caller: SigningKey): TallyClient {
    return new TallyClient({ ...this.#options, caller }, this.#known)
  }

  /**
   * Which ledger it is, proven under the policy once, before anything is signed for it. SPEC §11, "Clients".
   *
   * @throws AnswerError `genesis-proof`, `log-identity`, `wrong-ledger`, `unknown-log`, `log-signature`; ClientError.
   */
  identity(): Promise<LedgerIdentity> {
    const known = this.#known
    known.identity ??= this.#identify().catch(error => {
      known.identity = undefined
      throw error
    })
    return known.identity
  }

  async #identify(): Promise<LedgerIdentity> {
    const receipt = parseReceipt(await this.#receipt(GENESIS_INDEX, {}))
    const records = () => this.registry({ isUncosigned: true })
    const more = { records, receipt: (index: number) => this.#receipt(index, {}) }
    return this.#proving(receiptShown(receipt), () => identityOf(receipt, this.#options, more))
  }

  /** What the ledger says of itself now: its word. */
  ledger(): Promise<LedgerInfo> {
    return this.#wire.json('/v1/ledger', readLedger)
  }

  /** The latest checkpoint, a signed note. Untrusted. */
  checkpoint(): Promise<Uint8Array> {
    return this.#wire.bytes('/checkpoint', { maxBytes: NOTE_BYTES_MAX })
  }

  /** The latest checkpoint with its seal, a line (SPEC §11); undefined where none is served. Untrusted. */
  seal(): Promise<Uint8Array | undefined> {
    return this.#wire.bytes('/seal', { maxBytes: SEALED_BYTES_MAX }).catch(absent)
  }

  /** File `n` of the archive of cosigned checkpoints (SPEC §11); undefined where none is served. Untrusted. */
  archive(n: number): Promise<Uint8Array | undefined> {
    return this.#wire.bytes(`/archive/${n}`, { maxBytes: ARCHIVE_BYTES_MAX }).catch(absent)
  }

  /** File `n` of the totals that were opened (SPEC §11); undefined where none is served. Untrusted. */
  totals(n: number): Promise<Uint8Array | undefined> {
    return this.#wire.bytes(`/totals/${n}`, { maxBytes: TOTALS_BYTES_MAX }).catch(absent)
  }

  /** A tile of hashes or an entry bundle. Untrusted. */
  async tile(address: TileAddress): Promise<Uint8Array> {
    const isBundle = address.level === 'entries'
    const headers = isBundle ? await this.#authorization('ledger') : {}
    const maxBytes = isBundle ? BUNDLE_BYTES_MAX : TILE_BYTES_MAX
    return this.#wire.bytes(`/${formatTilePath(address)}`, { headers, maxBytes })
  }

  /** Salts from epoch `from` on, at most `count`, as the log signed them. @throws FormatError `answer`; ClientError. */
  async salts(from: number, count: number): Promise<Uint8Array[]> {
    const { salts, signature } = await this.signedSalts(from, count)
    const { ledgerId, logs } = await this.identity()
    const message = saltsMessage(ledgerId, from, salts)
    if (salts.length <= count && logs.some(({ publicKey }) => verifyEd25519(publicKey, message, signature)))
      return salts
    throw new FormatError('answer', 'the log did not sign these salts, under which the totals of any seal look wrong')
  }

  /** Those salts, and what is to be the log's signature of them (SPEC §11). Untrusted. */
  async signedSalts(
    from: number,
    count: number,
  ): Promise<{ readonly salts: Uint8Array[]; readonly signature: Uint8Array }> {
    const query = `/v1/salts?from=${from}&count=${Math.min(count, SALTS_MAX)}`
    return this.#wire.json(query, readSalts, { headers: await this.#authorization('ledger') })
  }

  /**
   * All records of the registry, as a seal commits to them whose receipt the policy accepts.
   *
   * @param options - `size`: that of a checkpoint, by default the latest; `isUncosigned`: that the log signed it is
   * enough.
   * @throws AnswerError `seal-proof`, `record-proof`, or as `verifyReceipt`; ClientError.
   */
  registry({ size, isUncosigned = false }: { size?: number; isUncosigned?: boolean } = {}): Promise<ListedRecord[]> {
    const { policy } = this.#options
    return this.#untilCosigned(async () => {
      const first = await this.#registryPage(-1, size)
      const receipt = parseReceipt(await this.#receipt(first.size - 1, {}))
      return this.#proving(receiptShown(receipt), async () => {
        const isAsked = size === undefined || size === first.size
        check(isAsked, 'seal-proof', `the registry is of ${first.size} entries, and not of ${size}`)
        checkReceipt(
          receipt,
          isUncosigned ? openSigned(receipt.checkpoint, policy) : openCheckpoint(receipt.checkpoint, policy),
        )
        const pageAfter = async (record: number) => (record < 0 ? first : this.#registryPage(record, first.size))
        return provenRegistry(receipt, first.size, pageAfter)
      })
    })
  }

  /**
   * The record that a ledger lists for a public key, and that stands: its word. For anyone who is to find out that a
   * registry is false. Signatures and tokens name the record of their key, so that under a wrong number they are
   * worthless, and no more.
   */
  async recordOf(publicKey: Uint8Array): Promise<number | undefined> {
    let number = 0
    for await (const row of rowsOf(after => this.#registryPage(after))) {
      const { transaction, until } = listed(row, number)
      if (until === 0 && isKeyOf(transaction, number, publicKey)) return number
      number++
    }
    return undefined
  }

  #registryPage(after: number, size?: number): Promise<RegistryPage> {
    const asOf = size === undefined ? '' : `&size=${size}`
    return this.#wire.json(`/v1/registry?after=${after}${asOf}`, readRegistryPage)
  }

  /**
   * An account, now and as of the last checkpoint; or as of the first `size` entries of the log: the word of the
   * ledger.
   */
  async account(number: number, size?: number): Promise<ListedAccount> {
    const query = size === undefined ? '' : `?size=${size}`
    return this.read(`/v1/accounts/${number}${query}`, readAccount, number)
  }

  /**
   * Private data of one account, or, without a number, of the ledger: whatever `path` names (SPEC §11). The word of the
   * ledger.
   *
   * @param path - such as `/v1/budgets?after=3`. @param asked - what is sent with it, as JSON, where something is.
   */
  async read<T>(path: string, reader: JsonReader<T>, account?: number, asked?: Json): Promise<T> {
    const { caller } = this.#options
    const headers = await this.#authorization(
      account === undefined ? widestSubject(caller) : subjectOf(caller, account),
    )
    return this.#wire.json(path, reader, asked === undefined ? { headers } : withJson(headers, asked))
  }

  /** Keeps details off the log, under `salt` or one that the ledger draws; returns their commitment, hex. */
  async keepDetails(account: number, text: string, salt?: Uint8Array): Promise<{ commitment: string; salt: string }> {
    const asked = { account, text, ...(salt === undefined ? {} : { salt: toBase64(salt) }) }
    return this.#wire.json('/v1/details', readKeptDetails, withJson(await this.#authorization('ledger'), asked))
  }

  /** Erases the details under a commitment, hex; returns the log index of the entry that says so. */
  async eraseDetails(commitment: string): Promise<number> {
    const headers = await this.#authorization(widestSubject(this.#options.caller))
    return (await this.#wire.json(`/v1/details/${commitment}`, readIndex, { headers, method: 'DELETE' })).index
  }

  /** The statement of an account, or with `lines` a page of it: `pagesOfStatement` fetches all. Untrusted. */
  async statement(number: number, options: StatementQuery = {}): Promise<Uint8Array> {
    const headers = await this.#authorization(subjectOf(this.#options.caller, number))
    return this.#wire.bytes(statementPath(number, options), { headers, maxBytes: PAGE_BYTES_MAX })
  }

  /** The text of a published rule, which has that digest; undefined where the ledger has none. SPEC §11. */
  async ruleText(digest: Uint8Array): Promise<Uint8Array | undefined> {
    const path = `/v1/rules/${toHex(digest)}`
    const bytes = await this.#wire.bytes(path, { maxBytes: RULE_BYTES_MAX }).catch(absent)
    if (bytes !== undefined) check(equalBytes(engine().sha256(bytes), digest), 'rule-text', `${path} is another text`)
    return bytes
  }

  /** Keeps the text of a rule at the ledger, with a key of the platform; to be published by its digest. */
  async keepRuleText(text: Uint8Array): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream', ...(await this.#authorization('ledger')) }
    const path = `/v1/rules/${toHex(engine().sha256(text))}`
    await this.#wire.bytes(path, { method: 'PUT', headers, body: text, maxBytes: 1024 })
  }

  /** The receipt of an entry. Untrusted. */
  async receipt(index: number): Promise<Uint8Array> {
    return this.#receipt(index, await this.#authorization(widestSubject(this.#options.caller)))
  }

  #receipt(index: number, headers: Readonly<Record<string, string>>): Promise<Uint8Array> {
    return this.#wire.bytes(`/v1/receipts/${index}`, { headers, maxBytes: RECEIPT_BYTES_MAX })
  }

  /**
   * What became of a transaction that stands at an index of the log, proven by its receipt: its status (SPEC §8).
   *
   * @throws VerifyError where the receipt does not hold, or is of another entry; ClientError `not-published` until it
   * is sealed.
   */
  async outcomeAt(index: number, entry: Uint8Array): Promise<number> {
    const receipt = verifyReceipt(await this.receipt(index), this.#options.policy)
    const isIt = receipt.index === index && equalBytes(receipt.entry, entry) && receipt.status !== null
    check(isIt, 'answer-false', `entry ${index} of the log is another one than the ledger says`)
    return receipt.status!
  }

  /**
   * Signs transactions as one batch and submits it; resolves when they are durable, or, with `wait: 'sealed'`, when
   * they are in a checkpoint: once that is proven under the policy. After a lost answer the same bytes are sent again:
   * their ids make them count once.
   *
   * @throws BatchRefusedError with the refusal file, where the ledger refuses the batch whole; AnswerError where the
   * answer does not hold, with what of it may be evidence: the batch may be in the log all the same; ClientError.
   */
  async submit(
    transactions: readonly Uint8Array[],
    keys: readonly SigningKey[],
    options: { wait?: 'sealed'; groups?: readonly Group[] } = {},
  ): Promise<ProvenAnswer> {
    const identity = await this.identity()
    const { ledgerId } = identity
    const { groups = NO_GROUPS } = options
    const body = signSubmission(keys, ledgerId, transactions, groups)
    const { policy, nowMs = Date.now } = this.#options
    // Answers to what is sent at once come in any order: what a later one shows, an earlier one need not have known.
    const knownSize = this.#known.size
    const bytes = await this.#wire.bytes(options.wait === 'sealed' ? `${BATCHES}?wait=sealed` : BATCHES, {
      headers: {
        ...{ 'content-type': 'application/cbor', accept: 'application/cbor' },
        ...(body.length > UNSIGNED_BODY_BYTES_MAX ? await this.#authorizationOf(keys) : {}),
      },
      body,
      maxBytes: ANSWER_BYTES_MAX,
      errorOf: (url, status, problem) =>
        batchErrorFrom({ url, status, problem, submission: body, policy, identity, knownSize, nowMs: nowMs() }),
    })
    const answer = decodeAnswer(bytes)
    const promised = answer.promise === null ? {} : { promise: promiseText({ ...answer.promise, transactions }) }
    const noted = answer.checkpoint === null ? {} : { checkpoint: noteText(answer.checkpoint) }
    return this.#proving({ ...promised, ...noted }, async () => {
      const { promise, unproven } = verifyAnswer(answer, { identity, transactions, groups, nowMs: nowMs() })
      const checkpoint = options.wait === 'sealed' ? await this.#sealed(answer, promise) : null
      this.#known.size = Math.max(this.#known.size, promise?.size ?? 0)
      return { ...answer, checkpoint, kept: promise, unproven }
    })
  }

  /**
   * The checkpoint that has all that was answered: that of the answer, or, while too few have cosigned it, a later one.
   */
  async #sealed({ checkpoint, size }: BatchAnswer, promise: PromiseFile | null): Promise<Uint8Array> {
    check(checkpoint !== null, 'answer-false', 'the answer has no checkpoint, which was asked for')
    let answered: Uint8Array | undefined = checkpoint
    const { note, ...tree } = await this.#untilCosigned(async () => {
      const shown = answered ?? (await this.checkpoint())
      answered = undefined
      return { note: shown, ...openCheckpoint(shown, this.#options.policy) }
    }).catch((error: unknown) => {
      if (!(error instanceof VerifyError && error.code === 'quorum')) throw error
      const what = 'the log took the batch, and promised that: it is not to be sent again under other ids'
      throw new VerifyError('quorum', `${what}. It is in no checkpoint yet that your policy accepts: ${error.message}`)
    })
    check(
      tree.size >= size,
      'answer-false',
      `the checkpoint has ${tree.size} entries, and not the ${size} of the answer`,
    )
    if (promise === null) return note
    const failed = await failedPromise(promise, note, tree, tilesOf(this))
    if (failed === undefined) return note
    throw this.#answerError(failed.error, failed.exhibits)
  }

  /**
   * Does again, for as long as one answer may take, what a checkpoint is in that too few witnesses have cosigned yet.
   */
  async #untilCosigned<T>(attempt: () => Promise<T>): Promise<T> {
    const untilMs = performance.now() + (this.#options.timeoutMs ?? 30_000)
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        const isEarly = error instanceof VerifyError && error.code === 'quorum'
        if (!isEarly || performance.now() > untilMs) throw error
      }
      await new Promise(resolve => setTimeout(resolve, EVERY_MS))
    }
  }

  /** Does what proves an answer; what does not hold becomes an error that has what was received. */
  async #proving<T>(exhibits: Exhibits, prove: () => T | Promise<T>): Promise<T> {
    try {
      return await prove()
    } catch (error) {
      throw error instanceof VerifyError && !(error instanceof AnswerError) ? this.#answerError(error, exhibits) : error
    }
  }

  #answerError(error: VerifyError, shown: Exhibits): AnswerError {
    return new AnswerError(error, { url: this.#wire.url, policy: this.#options.policy, exhibits: shown })
  }

  /** A large body is read of those who show a key: one that signs it will do. */
  #authorizationOf(keys: readonly SigningKey[]): Promise<Record<string, string>> {
    const key = keys.find(({ holder }) => !('recovery' in holder))
    return this.#authorization(key === undefined ? widestSubject(this.#options.caller) : widestSubject(key), key)
  }

  async #authorization(subject: string, caller = this.#options.caller): Promise<Record<string, string>> {
    return caller === undefined ? {} : this.#tokens.header(caller, subject, (await this.identity()).ledgerId)
  }
}
