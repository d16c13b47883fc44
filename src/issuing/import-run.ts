import {
  freshId,
  leafOf,
  listBudgets,
  makeEntry,
  publicKeyOf,
  type SigningKey,
  type TallyClient,
} from '../client/index.ts'
import { refusal } from '../client/refused-transaction.ts'
import { equalBytes, fromHex, toHex, utf8Encode } from '../core/bytes.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { Custodian, Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { type DetailsWriter, keyOf, readDetails } from '../files/details-file.ts'
import { UsageError } from '../node/failure.ts'
import type { Programme } from '../programmes/index.ts'
import { Derivation } from './derivation.ts'
import type { EventAnswer } from './event-answer.ts'
import type { EventRecord } from './event-record.ts'
import { ImportKeys } from './import-keys.ts'
import { IssuingService } from './issuing-service.ts'
import { ledgerRewards } from './ledger-rewards.ts'
import type { MemberEvents } from './member-chains.ts'
import { publishedVersions, type UnitPlace } from './published.ts'
import { RefAccounts } from './ref-accounts.ts'

export interface ImportOptions {
  readonly client: TallyClient
  /** Whose budgets are issued from. */
  readonly issuer: SigningKey
  /** Publishes the programme if it is not on the log yet, and registers keys that reach back to the events. */
  readonly root: SigningKey
  /** Reads the log where the folder is new. */
  readonly auditor: SigningKey
  /** From which ids, nonces and the owner keys of imported members are derived. */
  readonly secret: Uint8Array
  /** Who the members are: what their references are made with, and of whom; by default `secret`, and the platform. */
  readonly members?: ImportedMembers
  /** Where counters and events are kept from one import to the next. */
  readonly folder: string
  /** Keeps the details under the commitments of the issues, before they are sent. */
  readonly details?: DetailsWriter
  /** Keeps the events of all members, whole, for an auditor: of earlier imports, too. */
  readonly chains?: (chains: AsyncIterable<MemberEvents>) => Promise<unknown>
  /** How the refusal of the entry at an index is proved to others, in words for people. */
  readonly proofWords?: (index: number) => string
  /** Bad lines are counted instead of ending the import. */
  readonly skipBad: boolean
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total?: number) => void
}

/** Whose the members of a file are. */
export interface ImportedMembers {
  /** What their references are made with. */
  readonly secret: Uint8Array
  /** Merchant account of their sponsor, by the unit; none where it is the platform. */
  readonly sponsorOf: (unit: number) => number | undefined
  /** Who acts for those that are opened, where they get no owner keys. */
  readonly custodian?: Custodian
}

/** What an import came to: of all events of the file, also those that were paid before. */
export interface ImportReport {
  lines: number
  badLines: number
  events: number
  /** Events that were taken by this run: the others had been before. */
  newEvents: number
  members: number
  newMembers: number
  /** Events that earned nothing: `when`, `once`, a cap. */
  unrewarded: number
  issued: number
  newlyIssued: number
  points: number
  /** Points that came back, and purchases that were taken back. */
  reversed: number
  reversals: number
  /** Events that came before with other data: their rows were in another file, or changed. Nothing is paid for them. */
  changed: number
  late: number
  refused: Record<string, number>
  /** By outcome, the log index of the first entry that was refused so. */
  firstRefused: Record<string, number>
  isComplete: boolean
}

const emptyReport = (): ImportReport => ({
  lines: 0,
  badLines: 0,
  events: 0,
  newEvents: 0,
  members: 0,
  newMembers: 0,
  unrewarded: 0,
  issued: 0,
  newlyIssued: 0,
  points: 0,
  reversed: 0,
  reversals: 0,
  changed: 0,
  late: 0,
  refused: {},
  firstRefused: {},
  isComplete: false,
})

/** An event as an importer makes it. */
export interface ImportedEvent {
  readonly id: string
  readonly type: string
  readonly time: number
  readonly member: string
  readonly data: object
}

/** One import: a programme that is published where it is not yet, and its issuing service, with keys of its own. */
export class ImportRun {
  readonly report: ImportReport = emptyReport()
  readonly #options: ImportOptions
  readonly #service: IssuingService
  readonly #accounts: RefAccounts
  readonly #keys: ImportKeys

  /** The latest time of an event. */
  readonly #clock: { latestMs: number }

  private constructor(
    options: ImportOptions,
    service: IssuingService,
    accounts: RefAccounts,
    keys: ImportKeys,
    clock: { latestMs: number },
  ) {
    this.#clock = clock
    this.#options = options
    this.#service = service
    this.#accounts = accounts
    this.#keys = keys
  }

  /**
   * @param nowMs - the ledger's time, from which its keys reach back. @param reversalMs - the time of the id of a
   * reversal.
   * @throws UsageError `not-an-issuer`, `details-missing`; OutcomeError where the programme is refused; ClientError.
   */
  static async open(
    programme: Programme,
    options: ImportOptions,
    { nowMs, reversalMs }: { readonly nowMs: () => number; readonly reversalMs: (event: EventRecord) => number },
  ): Promise<ImportRun> {
    const { client, issuer, root, auditor, secret, signal, proofWords, details } = options
    const places = await placesOf(programme, client, issuer)
    const budgets = [...new Set([...places.values()].map(({ budget }) => budget))].sort((a, b) => a - b)
    await publishOnce(programme, budgets, options, nowMs())
    const keys = new ImportKeys({ client, root, budgets, nowMs })
    const terms = new Map([...places.values()].map(({ unit, terms: leaf }) => [unit, leaf]))
    const accounts = new RefAccounts({
      client: client.as(root),
      registrar: async timeMs => (await keys.reaching(timeMs)).registrar,
      derived: new Derivation(secret),
      secret,
      ...options.members,
      termsOf: unit => terms.get(unit)!,
      signal,
      ...(proofWords === undefined ? {} : { proofWords }),
    })
    let held: Promise<ReadonlyMap<string, string>> | undefined
    const clock = { latestMs: 0 }
    const service = await IssuingService.open({
      folder: options.folder,
      client,
      versions: await publishedVersions(client, programme.name),
      secret,
      issuer: async timeMs => (await keys.reaching(timeMs)).issuer,
      accounts,
      placeOf: unit => places.get(unit)!,
      history: {
        rewards: () => ledgerRewards(client.as(auditor)),
        textOf: async commitment => {
          held ??= details === undefined ? Promise.resolve(new Map()) : readDetails([details.path])
          return (await held).get(keyOf(fromHex(commitment)))
        },
      },
      ...(details === undefined
        ? {}
        : {
            details: { add: (_, commitment, behind) => details.add(commitment, behind), flush: () => details.flush() },
          }),
      reversalMs,
      tierMs: () => Math.max(nowMs(), clock.latestMs),
      signal,
    }).catch(async error => {
      await keys.end()
      throw error
    })
    const made = new ImportRun(options, service, accounts, keys, clock)
    await made.#retry()
    return made
  }

  /** What was refused before, for a cause that is gone, is paid first. */
  async #retry(): Promise<void> {
    for (const { rewards } of await this.#service.retry())
      this.report.newlyIssued += rewards.filter(({ outcome, amount }) => outcome === 'accepted' && amount > 0).length
  }

  /** What a reversal may take back of earlier events of a member: the value of `match`, and what of it is left. */
  originals(member: string, type: string): ReturnType<IssuingService['originals']> {
    return this.#service.originals(member, type)
  }

  /** Whether an event was taken. */
  async was(id: string): Promise<boolean> {
    return (await this.#service.answerTo(id)) !== undefined
  }

  /** Takes events, and counts what became of them. @throws ClientError; FormatError where one is no event. */
  async take(events: readonly ImportedEvent[]): Promise<void> {
    if (events.length === 0) return
    // One pair for all of them, before any is on its way.
    await this.#keys.reaching(Math.min(...events.map(({ time }) => time)))
    this.#clock.latestMs = Math.max(this.#clock.latestMs, ...events.map(({ time }) => time))
    const answers = await this.#service.take(events.map(event => JSON.stringify(event)))
    for (const answer of answers) this.#count(answer)
  }

  #count(answer: EventAnswer): void {
    const { report } = this
    const { status, was = status, rewards, code, message } = answer
    if (status === 'invalid')
      throw new UsageError('file', `the event ${answer.id} is none of the programme: ${code}: ${message}`)
    report.events++
    if (status === 'late' || status === 'outside') {
      report.late++
      return
    }
    if (code === 'event-differs') report.changed++
    const isNew = status !== 'duplicate' && !answer.isRepeated
    if (isNew) report.newEvents++
    if (was === 'nothing' || (was === 'capped' && rewards.length === 0)) report.unrewarded++
    for (const { outcome, amount, entry } of rewards)
      if (outcome !== 'accepted') {
        report.refused[outcome] = (report.refused[outcome] ?? 0) + 1
        report.firstRefused[outcome] = Math.min(report.firstRefused[outcome] ?? Number.POSITIVE_INFINITY, entry ?? 0)
      } else if (amount < 0) {
        report.reversals++
        report.reversed -= amount
      } else {
        report.issued++
        report.points += amount
        if (isNew) report.newlyIssued++
      }
  }

  /** Waits for what is under way, and ends the keys that the import had. */
  async end(): Promise<void> {
    const { opened, met } = this.#accounts.counts
    this.report.newMembers = opened
    this.report.members = opened + met
    try {
      await this.#service.tellTiers()
      await this.#keepDetails()
      await this.#options.chains?.(this.#service.chains())
    } finally {
      await this.#service.close().finally(() => this.#keys.end())
    }
  }

  /** The details of all rewards of the programme, those of earlier imports included. */
  async #keepDetails(): Promise<void> {
    const { details } = this.#options
    if (details === undefined) return
    for await (const { commitment, salt, text } of this.#service.details()) details.add(commitment, { salt, text })
    await details.flush()
  }
}

/** Publishes a document, with its text, unless the ledger has it. */
async function publishOnce(
  programme: Programme,
  budgets: readonly number[],
  { client, root, proofWords }: ImportOptions,
  timeMs: number,
): Promise<void> {
  const digest = fromHex(programme.digest)
  const isThere = (await client.registry()).some(
    ({ transaction, until }) =>
      transaction.kind === 'publish-rule' &&
      until === 0 &&
      equalBytes(transaction.digest, digest) &&
      budgets.every(one => transaction.budgets.includes(one)),
  )
  if (isThere) return
  await client.as(root).keepRuleText(utf8Encode(programme.text))
  const name = `${programme.name}-v${programme.version}`
  const entry = makeEntry('publish-rule', { id: freshId(timeMs), name, digest, budgets })
  const answer = await client.submit([entry], [root], { wait: 'sealed' })
  if (answer.statuses[0] !== ACCEPTED) throw refusal(answer, 0, `publishing ${name}, ${toHex(digest)}`, proofWords)
}

/** Where the points of each unit of a programme come from: the first budget of it in the issuer's scope. */
async function placesOf(
  { unit: main, rules }: Programme,
  client: TallyClient,
  issuer: SigningKey,
): Promise<Map<string, UnitPlace & { readonly terms: Uint8Array }>> {
  const records = await client.registry()
  const key = records.find(({ transaction }) => isIssuer(transaction, publicKeyOf(issuer)))
  if (key?.transaction.kind !== 'register-key')
    throw new UsageError('not-an-issuer', 'The key is not registered as an issuer with this ledger.')
  const { scope } = key.transaction
  const caller = client.as({ ...issuer, holder: { record: key.number } })
  const budgets = await listBudgets(caller, { limit: 1000 })
  const places = new Map<string, UnitPlace & { readonly terms: Uint8Array }>()
  for (const name of new Set([main, ...rules.map(({ unit }) => unit)])) {
    const record = records.find(({ transaction }) => transaction.kind === 'define-unit' && transaction.name === name)
    const budget = budgets.find(({ unit, account }) => unit === name && scope.includes(account))
    if (record === undefined || budget === undefined)
      throw new UsageError(
        'not-an-issuer',
        `The key has no budget in the unit "${name}", in which the programme gives points.`,
      )
    check(record.until === 0, 'record-missing', `the unit "${name}" is listed as revoked`)
    places.set(name, { unit: record.number, budget: budget.account, terms: leafOf(record.transaction) })
  }
  return places
}

function isIssuer(transaction: Transaction, key: Uint8Array): boolean {
  return transaction.kind === 'register-key' && transaction.role === 'issuer' && equalBytes(transaction.key, key)
}
