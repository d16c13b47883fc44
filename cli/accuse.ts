import { beginningOf } from '../src/client/index.ts'
import { decodeBatch, SIGNER_RECORD } from '../src/core/batch.ts'
import { toBase64, utf8Decode } from '../src/core/bytes.ts'
import { convict } from '../src/core/convict.ts'
import { isLogFault } from '../src/core/convict-log.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../src/core/entry.ts'
import type { EvidenceFile, Exhibits, Needs, ShownAccount, ShownRecord } from '../src/core/evidence-file.ts'
import { shownHashes } from '../src/core/evidence-file.ts'
import { CodedError, VerifyError } from '../src/core/failure.ts'
import { openCheckpoint, type Policy } from '../src/core/policy.ts'
import { encodeTransaction, KIND_GENESIS } from '../src/core/transaction.ts'
import type { Audit, Fault } from './auditor.ts'
import { lookAgain, type SecondLook } from './second-look.ts'

/** Entries between a seal and a batch that are shown so that nobody can say an owner's key had changed. */
const BETWEEN_MAX = 512

/** Longest message that an evidence file has. */
const MESSAGE_MAX = 1000

/**
 * What an evidence file needs for someone else to be sure. Whoever writes it tries what its reader will: so it never claims
 * more than `tally verify` finds.
 */
export function needsOf(file: Omit<EvidenceFile, 'needs'>, policy: Policy): Needs {
  try {
    convict({ ...file, needs: 'observer' }, policy)
    return 'nothing'
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return error.code === 'needs-replay' ? 'replay' : 'observer'
  }
}

/** An evidence file of what was found; `needs` is for it to find out. */
export function evidenceOf(file: Omit<EvidenceFile, 'needs'>, policy: Policy): EvidenceFile {
  const { evidence, ...head } = { ...file, message: file.message.slice(0, MESSAGE_MAX) }
  return { ...head, needs: needsOf(file, policy), evidence }
}

/**
 * The evidence file of an audit that found faults: of the first that convicts by itself, else of the first that anyone can
 * find again by a replay, else of what was served here.
 *
 * @param earlier - the checkpoint that the log had to grow out of, a signed note.
 */
export async function accuse(
  audit: Audit,
  policy: Policy,
  found: { readonly url: string; readonly time: string; readonly earlier?: Uint8Array },
): Promise<EvidenceFile> {
  const { url, time, earlier } = found
  const files: EvidenceFile[] = []
  // Tiles can all be wrong, each a fault: one of them shows what there is to show.
  for (const fault of audit.report.faults.filter(({ code }, i, all) => all.findIndex(one => one.code === code) === i)) {
    const evidence = await exhibitsOf(audit, fault, policy, earlier)
    const { code, message } = fault
    files.push(evidenceOf({ origin: audit.report.origin, url, time, code, message, evidence }, policy))
    if (files.at(-1)!.needs === 'nothing') break
  }
  const order: readonly Needs[] = ['nothing', 'replay', 'observer']
  return files.sort((a, b) => order.indexOf(a.needs) - order.indexOf(b.needs))[0]!
}

async function exhibitsOf(
  audit: Audit,
  { code }: Fault,
  policy: Policy,
  earlierNote: Uint8Array | undefined,
): Promise<Exhibits> {
  const { bundles, checkpoint, report, replay } = audit
  const notes: Exhibits = {
    checkpoint: report.checkpoint,
    ...(earlierNote === undefined ? {} : { earlier: utf8Decode(earlierNote) }),
  }
  const isFork = code === 'forked' && earlierNote !== undefined
  if (!isFork && !isLogFault(code)) return notes
  const wanted = await wantedEntries(audit, code)
  const earlier = isFork ? openCheckpoint(earlierNote, { ...policy, quorum: 'none' }) : undefined
  let look: SecondLook
  try {
    look = await lookAgain(bundles, checkpoint, {
      entries: wanted,
      sizes: earlier === undefined ? [] : [earlier.size],
    })
  } catch (error) {
    // What was served is not what was signed, so it shows nothing of the log.
    if (error instanceof VerifyError && error.code === 'log-root') return notes
    throw error
  }
  if (earlier !== undefined) {
    const { root, proof } = await beginningOf(earlier.size, checkpoint, look.tileAt)
    return { ...notes, root: toBase64(root), proof: shownHashes(proof) }
  }
  const entries = []
  for (const index of wanted)
    entries.push({ index, entry: toBase64(look.entry(index)), proof: shownHashes(await look.prove(index)) })
  const signers = code === 'batch-refused' && wanted.includes(replay.at) ? signersOf(audit, look.entry(replay.at)) : {}
  return { checkpoint: report.checkpoint, at: replay.at, entries, ...signers }
}

/** The entries that show a fault, or, where only a replay does, the one at which it stops. */
async function wantedEntries({ bundles, replay, report, lastBatch, lastSeal }: Audit, code: string): Promise<number[]> {
  const { at } = replay
  const size = report.treeSize
  const found = new Set<number>()
  const add = (...indexes: number[]) => {
    for (const index of indexes) if (index >= 0 && index < size) found.add(index)
  }
  if (code === 'seal-last') add(size - 1)
  else if (code === 'log-identity') add(1)
  else if (code === 'entry-order') add(replay.openBatch ?? Math.max(lastBatch, lastSeal), at)
  else if (code === 'entry-form' || code === 'batch-root') await addBatch()
  else if (code === 'seal-epoch') add(lastSeal, at)
  else if (code === 'batch-time' || code === 'seal-time') add(Math.max(lastBatch, lastSeal), at)
  else if (code === 'batch-refused') await addSigned()
  else add(at)
  return [...found].sort((a, b) => a - b)

  async function addBatch(): Promise<void> {
    add(at)
    const entry = await bundles.entry(at)
    if (entry[0] !== ENTRY_BATCH) return
    let count = 0
    try {
      count = decodeBatch(entry).count
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
    for (let index = at + 1; index <= at + count; index++) add(index)
  }

  /** The batch, genesis, the last seal, and what stands between that and the batch, if it is not much. */
  async function addSigned(): Promise<void> {
    const { count, signatures } = decodeBatch(await bundles.entry(at))
    for (let index = at + 1; index <= at + count && index < size; index++)
      if (index > 1 && isGenesis(await bundles.entry(index))) {
        add(index)
        return
      }
    add(0, at, lastSeal)
    if (lastBatch < 0) add(1)
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
  const { registry, accounts } = replay.ledger.state
  const records: ShownRecord[] = []
  const owners: ShownAccount[] = []
  for (const { class: signerClass, number } of decodeBatch(batch).signatures) {
    if (signerClass === SIGNER_RECORD) {
      const sealed = registry.sealed(number)
      if (sealed === undefined) continue
      const { from, until } = sealed.state
      const entry = toBase64(encodeTransaction(registry.records[number]!.transaction))
      records.push({ number, entry, from, until, path: shownHashes(sealed.path) })
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
  return { records, accounts: owners }
}
