import { leafOf, makeEntry, publicKeyOf, type SigningKey, type TallyClient } from '../client/index.ts'
import { refusal } from '../client/refused-transaction.ts'
import { untilSealed } from '../client/until-sealed.ts'
import { equalBytes, toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { commitmentOf } from '../core/entry/details.ts'
import { ACCEPTED, OUTCOMES } from '../core/entry/outcome.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import type { DetailsWriter } from '../files/details-file.ts'
import { UsageError } from '../node/failure.ts'
import { parseBehaviour, type Reward, TAOBAO_RULE, TAOBAO_RULE_TEXT, TaobaoProgram } from '../programmes/index.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'
import { Derivation } from './derivation.ts'
import { ImportKeys } from './import-keys.ts'
import { submitProven } from './submit-proven.ts'

export interface ImportOptions {
  readonly client: TallyClient
  /** Whose first budget is issued from. */
  readonly issuer: SigningKey
  /** Publishes the rule if it is not on the log yet, and registers keys that reach back to the events. */
  readonly root: SigningKey
  /**
   * Secret from which ids, nonces and the owner keys of imported members are derived, so that a second run makes the
   * same.
   */
  readonly secret: Uint8Array
  /** Keeps what stands behind the commitments of the issues, before they are sent. */
  readonly details?: DetailsWriter
  /** How the refusal of the entry at an index is proved to others, in words for people. */
  readonly proofWords?: (index: number) => string
  /** Bad lines are counted instead of ending the import. */
  readonly skipBad: boolean
  readonly signal: AbortSignal
  readonly onProgress: (lines: number) => void
}

export interface ImportReport {
  lines: number
  badLines: number
  members: number
  newMembers: number
  /** Events that earn nothing: views beyond the day's cap. */
  unrewarded: number
  issued: number
  newlyIssued: number
  points: number
  refused: Record<string, number>
  /** By outcome, the log index of the first entry that was refused so. */
  firstRefused: Record<string, number>
  isComplete: boolean
}

/** Lines that are read before their members are opened and their points issued. */
const CHUNK_LINES = 4000
const BATCH_TRANSACTIONS = 1000
/** Batches on their way at once: enough that the ledger is never without work. */
const BATCHES_UNDERWAY = 4

/**
 * Imports a behaviour file: opens an account for each member it meets, and issues what the published rule gives for
 * each event. Everything it sends has an id derived from the event, so whatever a run that was cut off has done counts
 * once. Ends when all of it is in a checkpoint.
 *
 * @throws FormatError `csv-line`; ClientError; OutcomeError when an account or the rule is refused.
 */
export async function importTaobao(lines: AsyncIterable<string>, options: ImportOptions): Promise<ImportReport> {
  const run = new ImportRun(options)
  await run.begin()
  try {
    const isComplete = await run.payAll(lines)
    await run.end()
    if (isComplete) await untilSealed(options.client, options.signal)
    return { ...run.report, isComplete }
  } catch (error) {
    // What ended the import is said, and not that the ledger does not answer either.
    await run.end().catch(() => {})
    throw error
  }
}

class ImportRun {
  readonly report: ImportReport = {
    lines: 0,
    badLines: 0,
    members: 0,
    newMembers: 0,
    unrewarded: 0,
    issued: 0,
    newlyIssued: 0,
    points: 0,
    refused: {},
    firstRefused: {},
    isComplete: false,
  }
  readonly #options: ImportOptions
  readonly #derived: Derivation
  readonly #program = new TaobaoProgram()
  readonly #accounts = new Map<string, number>()
  #keys!: ImportKeys
  #rule = 0
  #unit = 0
  #terms: Uint8Array = new Uint8Array(32)
  #budget = 0

  constructor(options: ImportOptions) {
    this.#options = options
    this.#derived = new Derivation(options.secret)
  }

  /** Finds unit and budget, and publishes the rule where that has not been done. */
  async begin(): Promise<void> {
    const { client, issuer } = this.#options
    const records = await client.registry()
    const key = records.find(
      ({ transaction }) =>
        transaction.kind === 'register-key' &&
        transaction.role === 'issuer' &&
        equalBytes(transaction.key, publicKeyOf(issuer)),
    )
    const unit = records.find(({ transaction }) => transaction.kind === 'define-unit')
    if (key?.transaction.kind !== 'register-key' || unit === undefined)
      throw new UsageError('not-an-issuer', 'The key is not registered as an issuer with this ledger.')
    this.#budget = key.transaction.scope[0]!
    this.#unit = unit.number
    this.#terms = leafOf(unit.transaction)
    this.#keys = new ImportKeys({ client, root: this.#options.root, budget: this.#budget, nowMs: Date.now })
    const digest = engine().sha256(utf8Encode(TAOBAO_RULE_TEXT))
    const published = records.find(
      ({ transaction }) => transaction.kind === 'publish-rule' && equalBytes(transaction.digest, digest),
    )
    this.#rule = published?.number ?? (await this.#publishRule(digest, records.length))
  }

  async #publishRule(digest: Uint8Array, expected: number): Promise<number> {
    const { client, root } = this.#options
    const entry = makeEntry('publish-rule', { name: TAOBAO_RULE.name, digest })
    const answer = await client.submit([entry], [root], { wait: 'sealed' })
    if (answer.statuses[0] !== ACCEPTED)
      throw refusal(answer, 0, `publishing the rule ${TAOBAO_RULE.name}, ${toHex(digest)}`, this.#options.proofWords)
    const records = await client.registry({ size: parseCheckpoint(parseNote(answer.checkpoint!).text).size })
    return records.findIndex(({ transaction }, i) => i >= expected && transaction.kind === 'publish-rule')
  }

  /** Pays what the lines earn, some thousand at a time. Returns whether it came to their end. */
  async payAll(lines: AsyncIterable<string>): Promise<boolean> {
    let chunk: Reward[] = []
    for await (const line of lines) {
      if (this.#options.signal.aborted) return false
      const reward = this.read(line)
      if (reward !== undefined) chunk.push(reward)
      if (chunk.length < CHUNK_LINES) continue
      await this.pay(chunk)
      chunk = []
    }
    await this.pay(chunk)
    return true
  }

  /** Ends the keys that the import had. */
  end(): Promise<void> {
    return this.#keys.end()
  }

  /** What the next line earns, if anything. */
  read(line: string): Reward | undefined {
    const { report } = this
    report.lines++
    if (report.lines % 1000 === 0) this.#options.onProgress(report.lines)
    let event: ReturnType<typeof parseBehaviour>
    try {
      event = parseBehaviour(line, report.lines)
    } catch (error) {
      if (!this.#options.skipBad) throw error
      report.badLines++
      return undefined
    }
    const reward = this.#program.reward(event)
    if (reward === undefined) report.unrewarded++
    return reward
  }

  /** Opens the members of a chunk who are new, then issues what it earned. */
  async pay(chunk: readonly Reward[]): Promise<void> {
    if (chunk.length === 0) return
    const strangers = new Map<string, number>()
    for (const { user, timeMs } of chunk)
      if (!this.#accounts.has(user) && !strangers.has(user)) strangers.set(user, timeMs)
    const { registrar, issuer } = await this.#keys.reaching(Math.min(...chunk.map(({ timeMs }) => timeMs)))
    await this.#inBatches([...strangers], batch => this.#open(batch, registrar))
    await this.#inBatches(chunk, batch => this.#issue(batch, issuer))
    this.#options.onProgress(this.report.lines)
  }

  async #inBatches<T>(list: readonly T[], send: (batch: readonly T[]) => Promise<void>): Promise<void> {
    const underway = new Set<Promise<void>>()
    for (let at = 0; at < list.length; at += BATCH_TRANSACTIONS) {
      const sent: Promise<void> = send(list.slice(at, at + BATCH_TRANSACTIONS)).finally(() => underway.delete(sent))
      underway.add(sent)
      if (underway.size === BATCHES_UNDERWAY) await Promise.race(underway)
    }
    await Promise.all(underway)
  }

  async #open(members: readonly (readonly [user: string, timeMs: number])[], registrar: SigningKey): Promise<void> {
    const { client } = this.#options
    const entries = members.map(([user, timeMs]) =>
      makeEntry('open-account', {
        id: this.#derived.id(timeMs, `open ${user}`),
        accountKind: 'member',
        unit: this.#unit,
        terms: this.#terms,
        owner: this.#derived.member(user).owner,
        nonce: this.#derived.member(user).nonce,
      }),
    )
    const answer = await submitProven(client, entries, [registrar], this.#options.signal)
    for (const [position, account] of answer.accounts) this.#accounts.set(members[position]![0], account)
    const refused = answer.statuses.findIndex(status => status !== ACCEPTED)
    if (refused >= 0)
      throw refusal(answer, refused, `the account of member ${members[refused]![0]}`, this.#options.proofWords)
    this.report.members += members.length
    this.report.newMembers += members.length - answer.existed.length
  }

  async #issue(rewards: readonly Reward[], issuer: SigningKey): Promise<void> {
    const { client, details } = this.#options
    const entries = rewards.map(({ user, points, timeMs, event, text }) => {
      const behind = this.#derived.details(event, text)
      const commitment = commitmentOf(behind)
      details?.add(commitment, behind)
      return makeEntry('issue', {
        id: this.#derived.id(timeMs, `issue ${event}`),
        debit: this.#budget,
        credit: this.#accounts.get(user)!,
        amount: points,
        rule: this.#rule,
        details: commitment,
      })
    })
    await details?.flush()
    const answer = await submitProven(client, entries, [issuer], this.#options.signal)
    const { statuses, existed } = answer
    const { report } = this
    const before = new Set(existed.map(([position]) => position))
    const indexes = logIndexesOf(answer)
    statuses.forEach((status, position) => {
      if (status !== ACCEPTED) {
        const outcome = OUTCOMES[status] ?? String(status)
        report.refused[outcome] = (report.refused[outcome] ?? 0) + 1
        report.firstRefused[outcome] = Math.min(
          report.firstRefused[outcome] ?? Number.POSITIVE_INFINITY,
          indexes[position]!,
        )
        return
      }
      report.issued++
      report.points += rewards[position]!.points
      if (!before.has(position)) report.newlyIssued++
    })
  }
}
