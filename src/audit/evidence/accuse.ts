import { beginningOf, ClientError } from '../../client/index.ts'
import { toBase64, utf8Decode } from '../../core/bytes.ts'
import { decodeBatch, SIGNER_RECORD } from '../../core/entry/batch.ts'
import type { SaltedText } from '../../core/entry/details.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { decodeTransaction, encodeTransaction, KIND_GENESIS } from '../../core/entry/transaction.ts'
import { FormatError, VerifyError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { openSigned } from '../../core/note/signed.ts'
import { isLogFault, needsDetails } from '../../verify/evidence/convict-log.ts'
import {
  type EvidenceFile,
  type Exhibits,
  type Needs,
  SHOWN_DETAILS_MAX,
  type ShownAccount,
  type ShownEntry,
  type ShownRecord,
  type ShownSalt,
  shownHashes,
} from '../../verify/evidence/evidence-file.ts'
import { evidenceOf, lacksOf, needsOf } from '../../verify/evidence/make-evidence.ts'
import type { Audit } from '../audit-report.ts'
import { claimedTwice } from '../claims.ts'
import type { Fault } from '../fault.ts'
import type { Bundles } from '../read/bundles.ts'
import { lookAgain, lookByTiles, type SecondLook } from '../read/shown-entries.ts'

/** Entries between a seal and a batch that are shown so that nobody can say an owner's key had changed. */
const BETWEEN_MAX = 512

/** How a fault was found, and what there is to show of it beside the log. */
export interface FoundBy {
  readonly url: string
  readonly time: string
  /** The checkpoint that the log had to grow out of, a signed note. */
  readonly earlier?: Uint8Array
  /** The salt of the totals of a seal, as the log signs it. */
  readonly saltOf?: (file: Pick<EvidenceFile, 'code' | 'evidence'>) => Promise<ShownSalt | undefined>
  /** Log index of what names the log that the ledger is in, by what its root keys signed. */
  readonly namedAt?: () => Promise<number | undefined>
  /** Is told how far the log is read once more, for what is shown of it. */
  readonly onProgress?: (entries: number, size: number) => void
  /** The details of these commitments, where they may be shown. */
  readonly detailsOf?: (commitments: readonly Uint8Array[]) => Promise<readonly SaltedText[]>
}

/**
 * The evidence file of an audit that found faults: of the first that convicts by itself, else of the first that anyone
 * can find again by a replay, else of what was served here. Reads of the log the entries that show them, for all of
 * them at once, and their hash tiles; all of it only where these do not prove them.
 */
export async function accuse(audit: Audit, policy: Policy, found: FoundBy): Promise<EvidenceFile> {
  const { url, time } = found
  const files: EvidenceFile[] = []
  // Tiles can all be wrong, each a fault: one of them shows what there is to show.
  const faults = audit.report.faults.filter(({ code }, i, all) => all.findIndex(one => one.code === code) === i)
  const looking = new LogView(audit, policy, found, faults)
  for (const fault of faults) {
    const evidence = await exhibitsOf(looking, fault)
    const { code, message } = fault
    files.push(evidenceOf({ origin: audit.report.origin, url, time, code, message, evidence }, policy))
    if (files.at(-1)!.needs === 'nothing') break
  }
  return files.sort((a, b) => rankOf(a) - rankOf(b))[0]!
}

/** What there is to be shown of a fault: entries of the log, and its beginning of a size. */
interface Plan {
  readonly size: number
  readonly entries: readonly number[]
  /** Of those, issues whose details may be shown, beside the entries that are. */
  readonly issues: readonly number[]
  /** The text of the rule of a wrong reward, where it is one that is not known without. */
  readonly rule?: string | undefined
}

/** The one look at the log that all faults of an audit share, taken when the first of them needs it. */
class LogView {
  readonly audit: Audit
  readonly policy: Policy
  readonly found: FoundBy
  readonly #faults: readonly Fault[]
  readonly #plans = new Map<Fault, Promise<Plan | undefined>>()
  #look: Promise<SecondLook> | undefined

  constructor(audit: Audit, policy: Policy, found: FoundBy, faults: readonly Fault[]) {
    this.audit = audit
    this.policy = policy
    this.found = found
    this.#faults = faults
  }

  /** What of the log shows a fault; undefined where that is nothing. */
  planOf(fault: Fault): Promise<Plan | undefined> {
    const known = this.#plans.get(fault)
    if (known !== undefined) return known
    const plan = planOf(this.audit, fault, this.policy, this.found)
    // It is thrown where it is asked for.
    plan.catch(() => {})
    this.#plans.set(fault, plan)
    return plan
  }

  /** The log, looked at for all faults: once, whatever comes of it. */
  look(): Promise<SecondLook> {
    this.#look ??= this.#lookAgain()
    return this.#look
  }

  async #lookAgain(): Promise<SecondLook> {
    const { bundles, checkpoint } = this.audit
    const plans: Plan[] = []
    for (const fault of this.#faults) {
      // One that cannot be planned shows nothing of the log: the others do.
      const plan = await this.planOf(fault).catch(ignoreOther)
      if (plan !== undefined) plans.push(plan)
    }
    const wanted = {
      entries: plans.flatMap(({ entries, issues }) => [...entries, ...issues]),
      sizes: plans.map(({ size }) => size),
    }
    try {
      return await lookByTiles(bundles, wanted)
    } catch (error) {
      ignoreOther(error)
      // Its hash tiles may be wrong, and its entries those that were signed.
      return lookAgain(bundles, checkpoint, wanted, this.found.onProgress)
    }
  }
}

/** Which file shows most: a lower one. */
function rankOf(file: EvidenceFile): number {
  const order: readonly Needs[] = ['nothing', 'replay', 'observer']
  return 2 * order.indexOf(file.needs) + (lacksOf(file) === undefined ? 0 : 1)
}

async function exhibitsOf(looking: LogView, fault: Fault): Promise<Exhibits> {
  const { audit, found } = looking
  const { earlier = found.earlier } = fault
  const notes: Exhibits = {
    checkpoint: audit.report.checkpoint,
    ...(earlier === undefined ? {} : { earlier: utf8Decode(earlier) }),
  }
  if (fault.opened !== undefined) return { opened: fault.opened }
  try {
    const plan = await looking.planOf(fault)
    if (plan === undefined) return notes
    const look = await looking.look()
    if (fault.code === 'forked') return { ...notes, ...(await beginning(audit, plan.size, look)) }
    return await shownOf(looking, fault, plan, look)
  } catch (error) {
    ignoreOther(error)
    return notes
  }
}

/**
 * What was served is not what was signed, so it shows nothing of the log; or it is not served again. @throws others.
 */
function ignoreOther(error: unknown): undefined {
  const isOther = error instanceof VerifyError && (error.code === 'log-root' || error.code === 'tile')
  if (!(isOther || error instanceof ClientError || error instanceof FormatError)) throw error
  return undefined
}

/** What of the log shows a fault; undefined where only what was signed does. */
async function planOf(audit: Audit, fault: Fault, policy: Policy, found: FoundBy): Promise<Plan | undefined> {
  const { bundles, report, replay } = audit
  const { code, at = replay.at, earlier = found.earlier } = fault
  if (code === 'forked' && earlier !== undefined)
    return { size: openSigned(earlier, policy).size, entries: [], issues: [] }
  if (!isLogFault(code)) return undefined
  const entries = await wantedEntries(audit, code, at, found)
  const wrong = needsDetails(code) ? audit.rewards?.wrongAt(at) : undefined
  const isOfAll = code === 'log-identity' || code === 'after-end'
  const size = wrong?.size ?? (isOfAll ? report.treeSize : await endOf(bundles, at, report.treeSize))
  const mayShow = found.detailsOf !== undefined && wrong !== undefined && wrong.issues.length <= SHOWN_DETAILS_MAX
  return { size, entries, issues: mayShow ? wrong.issues : [], rule: wrong?.rule }
}

/** What shows a fault of the log: the entries that do, or else what of it has to be replayed. */
async function shownOf(
  { audit, policy, found }: LogView,
  fault: Fault,
  { size, entries: wanted, issues, rule }: Plan,
  look: SecondLook,
): Promise<Exhibits> {
  const { report, replay } = audit
  const { code, at = replay.at } = fault
  const entries: ShownEntry[] = []
  for (const index of wanted)
    entries.push({ index, entry: toBase64(look.entry(index)), proof: shownHashes(await look.prove(index)) })
  const signers =
    code === 'log-identity'
      ? { records: recordsOf(audit, namingOf(audit)) }
      : code === 'batch-refused' && wanted.includes(at)
        ? signersOf(audit, look.entry(at))
        : {}
  const evidence: Exhibits = { checkpoint: report.checkpoint, at, entries, ...signers }
  if (needsOf({ origin: report.origin, code, message: '', evidence }, policy) !== 'replay') return evidence
  const salt = await found.saltOf?.({ code, evidence })
  const details = await found.detailsOf?.(commitmentsOf(issues.map(look.entry)))
  return {
    ...evidence,
    ...(await beginning(audit, size, look)),
    log: { entries: size, bundles: 0 },
    ...(salt && { salt }),
    ...(rule !== undefined && { rule }),
    ...(details && details.length > 0 && { details: details.map(one => ({ ...one, salt: toBase64(one.salt) })) }),
  }
}

/** The root of the first entries of the log, and the proof that it is. */
async function beginning({ checkpoint }: Audit, size: number, look: SecondLook): Promise<Exhibits> {
  const { root, proof } = await beginningOf(size, checkpoint, look.tileAt)
  return { root: toBase64(root), proof: shownHashes(proof) }
}

/** Entries of the log up to the end of what stands at an index: a batch ends with its transactions. */
async function endOf(bundles: Bundles, at: number, size: number): Promise<number> {
  const entry = await bundles.entry(at)
  return Math.min(size, at + 1 + (entry[0] === ENTRY_BATCH ? countOf(entry) : 0))
}

/** How many transactions stand after a batch; none after what is no batch. */
function countOf(entry: Uint8Array): number {
  try {
    return decodeBatch(entry).count
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return 0
  }
}

/** What issues commit to. */
function commitmentsOf(issues: readonly Uint8Array[]): Uint8Array[] {
  return issues.flatMap(entry => {
    const transaction = decodeTransaction(entry)
    const isOne = transaction.kind === 'issue' || transaction.kind === 'set-status'
    return isOne && transaction.details !== null ? [transaction.details] : []
  })
}

/** The entries that show a fault, or, where only a replay does, the one at which it stops. */
async function wantedEntries(
  { bundles, replay, report, lastBatch, lastSeal }: Audit,
  code: string,
  at: number,
  { namedAt = async () => undefined }: FoundBy,
): Promise<number[]> {
  const size = report.treeSize
  const found = new Set<number>()
  const add = (...indexes: number[]) => {
    for (const index of indexes) if (index >= 0 && index < size) found.add(index)
  }
  if (code === 'seal-last') add(size - 1)
  else if (code === 'log-identity') add(size - 1)
  else if (code === 'after-end') await addLogs()
  else if (code === 'claim-twice') add(...((await claimedTwice(bundles, replay.ledger.state, at))?.entries ?? []))
  else if (code === 'entry-order') add(replay.openBatch ?? Math.max(lastBatch, lastSeal), at)
  else if (code === 'entry-form' || code === 'batch-root') await addBatch()
  else if (code === 'seal-epoch') add(lastSeal, at)
  else if (code === 'batch-time' || code === 'seal-time') add(Math.max(lastBatch, lastSeal), at)
  else if (code === 'batch-refused') await addSigned()
  else if (code === 'seal-totals') await addNaming()
  else add(at)
  return [...found].sort((a, b) => a - b)

  /** Genesis, and what continues the log up to there, each with its batch. */
  async function addLogs(): Promise<void> {
    for (const { from } of replay.ledger.state.registry.logs) add(from - 1, from)
  }

  /** The seal, and where the ledger went on after it what names the log now: for that it signs its salts. */
  async function addNaming(): Promise<void> {
    add(at)
    const from = (await namedAt()) ?? 0
    if (from > at) add(from - 1, from)
  }

  async function addBatch(): Promise<void> {
    add(at)
    const entry = await bundles.entry(at)
    if (entry[0] !== ENTRY_BATCH) return
    for (let index = at + 1; index <= at + countOf(entry); index++) add(index)
  }

  /** The batch, genesis, the last seal, and what stands between that and the batch, if it is not much. */
  async function addSigned(): Promise<void> {
    const { count, signatures } = decodeBatch(await bundles.entry(at))
    for (let index = at + 1; index <= at + count && index < size; index++)
      if (index > 1 && isGenesis(await bundles.entry(index))) {
        add(index)
        return
      }
    add(0, 1, at, lastSeal)
    await addLogs()
    if (at - lastSeal <= BETWEEN_MAX && signatures.some(one => one.class !== SIGNER_RECORD))
      for (let index = lastSeal + 1; index < at; index++) add(index)
  }
}

function isGenesis(entry: Uint8Array): boolean {
  // The type byte, the head of the array, and the kind.
  return entry[0] === ENTRY_TRANSACTION && entry[2] === KIND_GENESIS
}

/** Records and accounts that signed a batch, as the last seal has them. */
function signersOf({ replay }: Audit, batch: Uint8Array): Pick<Exhibits, 'records' | 'accounts'> {
  const { accounts } = replay.ledger.state
  const owners: ShownAccount[] = []
  const numbers: number[] = []
  for (const { class: signerClass, number } of decodeBatch(batch).signatures) {
    if (signerClass === SIGNER_RECORD) {
      numbers.push(number)
      continue
    }
    const sealed = accounts.sealed(number)
    if (sealed === undefined || owners.some(one => one.number === number)) continue
    const { owner, opening, head, more } = sealed
    owners.push({
      number,
      ...sealed,
      owner: owner === null ? null : toBase64(owner),
      opening: toBase64(opening),
      head: toBase64(head),
      more: toBase64(more),
      path: shownHashes(accounts.path(number)),
    })
  }
  return { records: recordsOf({ replay }, numbers), accounts: owners }
}

/** Numbers of the records that name the logs of the ledger. */
function namingOf({ replay }: Pick<Audit, 'replay'>): number[] {
  const { logs } = replay.ledger.state.registry
  return logs.map(({ number }) => number)
}

/** Records as the last seal has them; those that were made since are left out. */
function recordsOf({ replay }: Pick<Audit, 'replay'>, numbers: readonly number[]): ShownRecord[] {
  const { registry } = replay.ledger.state
  return numbers.flatMap(number => {
    const sealed = registry.sealed(number)
    if (sealed === undefined) return []
    const { from, until, next } = sealed.state
    const entry = toBase64(encodeTransaction(registry.records[number]!.transaction))
    return [{ number, entry, from, until, next, path: shownHashes(sealed.path) }]
  })
}
